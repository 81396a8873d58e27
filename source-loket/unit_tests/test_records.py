"""Records on their way out: nothing changed, nothing lost, and under `minimal` nothing too much."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import orjson
import pytest
from source_loket.components import Printable
from source_loket.pages import PageParser
from source_loket.source import SourceLoket

# Loket's own example bodies, one per list (unit_tests/bodies).
EXAMPLES = {
    "employers": "employers",
    "employees": "employees",
    "employments": "employments",
    "custom_field_definitions": "custom_field_definitions",
    "leave_types": "leave_types",
    "leave_balances": "leave_balances_by_employer",
    "payroll_administrations": "payroll_administrations",
    "payroll_runs": "payroll_runs",
    "employer_versions": "employer_last_modified_version_numbers",
}
SECRET_WORDS = ["Voordijk", "CRE45553433", "Nederlandse", "Gehuwd", "Vrouw", "1231456", "Amsterdam"]


CONFIG = {"credentials": {"client_id": "c", "refresh_token": "r"}, "flex_salary": True}
SOURCE = SourceLoket(config=CONFIG)
STREAMS = {stream["name"]: stream for stream in SOURCE._stream_configs(SOURCE.resolved_manifest)}
# What no honest parser gives for a body that is no list: such a body is asked for again.
BROKEN = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


def records_of(
    body: bytes, fields: list[str] | None, schema: Any = None, key: tuple[str, ...] = ("id",)
) -> list[dict[str, Any]]:
    """The records as they are printed: `fields` is what may leave, None for all."""
    page = PageParser(key, fields).parse(body)
    printable = Printable()
    for row in page.rows:
        printable.transform(row, schema or {})
    found: list[dict[str, Any]] = orjson.loads(orjson.dumps(page.rows))
    return found


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return {stream.name: stream.get_json_schema() for stream in SOURCE.streams(CONFIG)}


def minimal_of(stream: str) -> list[str]:
    found: list[str] = STREAMS[stream]["$parameters"]["minimal"]
    return found


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from leaves(below, (*path, position))
    else:
        yield path


@pytest.mark.parametrize("stream", EXAMPLES)
def test_loket_s_example_passes_whole_and_fits_its_schema(
    stream: str, bodies: Callable[[str], bytes], schemas: Any
) -> None:
    body = bodies(EXAMPLES[stream])
    records = records_of(body, None, schemas[stream])
    assert records == json.loads(body)["_embedded"]
    for record in records:
        more = {"employer_id": "e", "total_size": 1}
        jsonschema.Draft7Validator(schemas[stream]).validate(record | more)


@pytest.mark.parametrize("stream", EXAMPLES)
@pytest.mark.parametrize("fields", ["all", "minimal"])
def test_nulls_new_keys_and_new_labels_are_no_obstacle(
    stream: str, fields: str, bodies: Callable[[str], bytes], schemas: Any
) -> None:
    sent = json.loads(bodies(EXAMPLES[stream]))
    for row in sent["_embedded"]:
        # What Loket may add without notice, and every value but the id missing.
        for path in list(leaves(row)):
            holder = row
            for part in path[:-1]:
                holder = holder[part]
            if path != ("id",):
                holder[path[-1]] = None
            if isinstance(holder, dict) and "value" in holder:
                holder["value"] = "Iets heel nieuws"
        row["newKey"] = {"deep": [1, {"x": None}], "text": 'ž \u2028 \\ " </'}
    body = json.dumps(sent).encode()
    minimal = minimal_of(stream) if fields == "minimal" else None
    records = records_of(body, minimal, schemas[stream])
    for record, row in zip(records, sent["_embedded"], strict=True):
        more = {"employer_id": "e", "total_size": 1}
        jsonschema.Draft7Validator(schemas[stream]).validate(record | more)
        assert record["id"] == row["id"]
        if fields == "all":
            assert record == row
        else:
            assert "newKey" not in record


def test_every_object_of_a_record_may_be_null(bodies: Callable[[str], bytes], schemas: Any) -> None:
    for stream, example in EXAMPLES.items():
        sent = json.loads(bodies(example))
        sent["_embedded"] = [
            {key: value if key == "id" else None for key, value in row.items()}
            for row in sent["_embedded"]
        ]
        body = json.dumps(sent).encode()
        for record in records_of(body, minimal_of(stream), schemas[stream]):
            more = {"employer_id": "e", "total_size": 1}
            jsonschema.Draft7Validator(schemas[stream]).validate(record | more)


def test_minimal_lets_only_listed_fields_out(bodies: Callable[[str], bytes]) -> None:
    body = bodies("employees")
    records = records_of(body, minimal_of("employees"))
    lines = json.dumps(records)
    assert [word for word in SECRET_WORDS if word in lines] == []
    # The control: they are in the body.
    assert [word for word in SECRET_WORDS if word.encode() in body] == SECRET_WORDS
    assert records == [
        {
            "id": "636a52a1-20b6-46e8-afce-6d59fedbe7c4",
            "employeeNumber": 156,
            "personalDetails": {
                "firstName": "Susan",
                "lastName": "Bergen",
                "prefix": "van",
                "initials": "S.L.",
                "dateOfBirth": "1980-01-01",
                "dateOfDeath": None,
            },
            "contactInformation": {
                "emailAddress": "susan@example.nl",
                "businessEmailAddress": "s.vanbergen@voorbeeldbv.nl",
            },
        }
    ]


@pytest.mark.parametrize("stream", ["employments", "leave_balances"])
def test_minimal_reduces_the_person_of_an_employment_to_the_id(
    stream: str, bodies: Callable[[str], bytes]
) -> None:
    (record,) = records_of(bodies(EXAMPLES[stream]), minimal_of(stream))
    assert record["employee"] == {"id": "636a52a1-20b6-46e8-afce-6d59fedbe7c4"}
    assert record["payrollAdministration"] == {"id": "54369214-14a1-41ab-892a-ea8438e34d6f"}


def page(*rows: Any, total: int | None = None) -> bytes:
    return json.dumps(
        {"totalSize": len(rows) if total is None else total, "totalPages": 1, "_embedded": rows}
    ).encode()


DAY = {"format": "date"}
DAYS = {"properties": {"when": DAY, "on": DAY, "a": {"properties": {"on": DAY}}}}


@pytest.mark.parametrize("fields", [["name", "when", "a.on"], None])
def test_dates_are_cut_to_the_day_and_never_shifted(fields: list[str] | None) -> None:
    rows = [
        # An hour after midnight in summer time: in UTC it would be the day before.
        {"id": "1", "when": "1980-06-01T00:30:00+02:00", "name": "n", "a": {"on": "2026-01-01"}},
        {"id": "2", "when": None, "name": "2024-01-01T00:00:00", "a": None},
        {"id": "3", "when": "someday", "name": "n", "a": {"on": "2026-12-31T23:59:59Z"}},
    ]
    records = records_of(page(*rows), fields, DAYS)
    assert [record["when"] for record in records] == ["1980-06-01", None, "someday"]
    assert [(record["a"] or {}).get("on") for record in records] == [
        "2026-01-01",
        None,
        "2026-12-31",
    ]
    assert records[1]["name"] == "2024-01-01T00:00:00"  # not a day by its schema


@pytest.mark.parametrize("fields", [["value"], None])
@pytest.mark.parametrize(
    "value",
    ["1e5", "0x10", "1_000", "1,2", "  7 ", "True", "{{ 7 * 7 }}", 2**53 + 1, 1.5, "ž\n", None],
)
def test_no_value_is_changed_on_its_way(fields: list[str] | None, value: Any) -> None:
    (record,) = records_of(page({"id": "{{ 1 }}", "value": value}), fields)
    assert record["value"] == value
    assert type(record["value"]) is type(value)
    assert record["id"] == "{{ 1 }}"


@pytest.mark.parametrize("fields", [["x", "y", "z"], None])
def test_a_number_beyond_64_bits_is_printed_all_the_same(fields: list[str] | None) -> None:
    big = 10**30
    row = {"id": "1", "x": big, "y": [big], "z": [{"deep": {"deeper": big}}]}
    (record,) = records_of(page(row), fields)
    assert record["x"] == record["y"][0] == record["z"][0]["deep"]["deeper"] == 1e30


@pytest.mark.parametrize("fields", [["a.b"], None])
def test_a_body_over_several_lines_is_the_same_list(fields: list[str] | None) -> None:
    rows = [{"id": str(n), "a": {"b": "line\r\nbreak"}} for n in range(3)]
    wide = json.dumps(json.loads(page(*rows)), indent=2).replace("\n", "\r\n").encode()
    assert records_of(wide, fields) == rows


@pytest.mark.parametrize("fields", [["a.b", "on"], None])
def test_shapes_that_are_not_documented_are_read_all_the_same(fields: list[str] | None) -> None:
    rows = [{"id": 7, "a": "x", "on": "2026-01-01T00:00:00"}, {"id": "8", "a": {"b": 1}, "on": 5}]
    assert PageParser(["id"], fields).parse(page(*rows)).ids == ["7", "8"]
    first, second = records_of(page(*rows), fields, DAYS)
    assert first["on"] == "2026-01-01"
    assert second["a"] == {"b": 1}
    assert first["a"] == (None if fields else "x")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html></html>",
        b"null",
        b"[]",
        b"{}",
        b'{"message": "no list"}',
        b'{"totalSize": 1, "_embedded": [{"name": "no id"}]}',
        b'{"totalSize": 1, "_embedded": [{"id": null}]}',
        b'{"totalSize": 1, "_embedded": [{"id": "a"}',
        b'{"totalSize": 1, "_embedded": [{"id": "a", "x": "\xff"}]}',
        b'{"totalSize": "many", "_embedded": []}',
    ],
)
@pytest.mark.parametrize("fields", [["x"], None])
def test_a_body_that_is_no_list_is_broken(body: bytes, fields: list[str] | None) -> None:
    with pytest.raises(BROKEN):
        PageParser(["id"], fields).parse(body)


def test_every_cut_of_a_body_is_broken(bodies: Callable[[str], bytes]) -> None:
    body = json.dumps(json.loads(bodies("employees"))).encode()
    for fields in (minimal_of("employees"), None):
        parser = PageParser(["id"], fields)
        for length in range(0, len(body), 7):
            with pytest.raises(BROKEN):
                parser.parse(body[:length])


@pytest.mark.parametrize("spelt", ["citizenServiceNumber", "citizen\\u0053erviceNumber"])
def test_a_citizen_service_number_never_gets_through(spelt: str) -> None:
    row = f'{{"id":"1","{spelt}":"123456782","a":[{{"{spelt}":"x","b":1}}]}}'
    body = f'{{"totalSize":1,"_embedded":[{row}]}}'.encode()
    assert records_of(body, None) == [{"id": "1", "a": [{"b": 1}]}]
    assert records_of(body, ["a"])[0].keys() == {"id", "a"}


def test_rows_without_an_id_are_told_apart_by_holder_and_value() -> None:
    one = {"employmentId": "e", "values": {"id": "v1"}}
    many = {"employmentId": "e", "values": [{"id": "v1"}, {"id": "v2"}]}
    none = {"employmentId": "f", "values": None}
    parser = PageParser(["employmentId", "values.id"], ["values.text"])
    assert parser.parse(page(one)).ids == ["e:v1"]
    assert parser.parse(page(one, many, none)).ids == ["e:v1", "e:v1:v2", "f"]
    with pytest.raises(BROKEN):
        parser.parse(page({"employmentId": "e", "values": {"id": None}}))


@pytest.mark.parametrize("person_id", ["p", 7])  # typed, and the slower way
@pytest.mark.parametrize("fields", ["minimal", "all"])
@pytest.mark.parametrize(
    ("stream", "row", "missing"),
    [
        ("employments", {"startDate": "2026-01-01", "employee": {"id": "e"}}, "endDate"),
        ("employees", {"personalDetails": {"lastName": "B", "prefix": None}}, "dateOfBirth"),
        ("employees", {"employeeNumber": None}, "personalDetails"),
    ],
)
def test_a_key_that_does_not_arrive_is_not_printed_as_empty(
    stream: str, row: dict[str, Any], missing: str, fields: str, person_id: Any, schemas: Any
) -> None:
    """A destination tells a column that no longer arrives from an empty one by its key."""
    minimal = minimal_of(stream) if fields == "minimal" else None
    sent = {"id": person_id, **row}
    (record,) = records_of(page(sent), minimal, schemas[stream])
    assert record == sent
    assert missing not in json.dumps(record)
