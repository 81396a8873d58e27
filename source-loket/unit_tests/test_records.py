"""Records on their way out: nothing changed, nothing lost, and under `minimal` nothing too much."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from source_loket.errors import BrokenBody
from source_loket.records import RecordFormat
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


def records_of(lines: bytes) -> list[dict[str, Any]]:
    return [json.loads(line)["record"]["data"] for line in lines.splitlines()]


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    source = SourceLoket()
    return {stream.name: stream.get_json_schema() for stream in source.streams({})}


@pytest.fixture(scope="module")
def plans() -> dict[str, Any]:
    source = SourceLoket()
    return {name: source._plan(definition) for name, definition in source._definitions().items()}


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
    stream: str, bodies: Callable[[str], bytes], schemas: Any, plans: Any
) -> None:
    body = bodies(EXAMPLES[stream])
    sent = json.loads(body)["_embedded"]
    form = RecordFormat(stream, fields=None, dates=plans[stream].dates)
    records = records_of(form.render(body, {"employer_id": "e"}).lines)
    assert records == [{"total_size": 1, "employer_id": "e", **row} for row in sent]
    for record in records:
        jsonschema.Draft7Validator(schemas[stream]).validate(record)


@pytest.mark.parametrize("stream", EXAMPLES)
@pytest.mark.parametrize("fields", ["all", "minimal"])
def test_nulls_new_keys_and_new_labels_are_no_obstacle(
    stream: str, fields: str, bodies: Callable[[str], bytes], schemas: Any, plans: Any
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
    minimal = plans[stream].minimal if fields == "minimal" else None
    form = RecordFormat(stream, fields=minimal, dates=plans[stream].dates)
    records = records_of(form.render(json.dumps(sent).encode(), {"employer_id": "e"}).lines)
    for record, row in zip(records, sent["_embedded"], strict=True):
        jsonschema.Draft7Validator(schemas[stream]).validate(record)
        assert record["id"] == row["id"]
        if fields == "all":
            assert record == {"total_size": 1, "employer_id": "e", **row}
        else:
            assert "newKey" not in record


def test_every_object_of_a_record_may_be_null(
    bodies: Callable[[str], bytes], schemas: Any, plans: Any
) -> None:
    for stream, example in EXAMPLES.items():
        sent = json.loads(bodies(example))
        sent["_embedded"] = [
            {key: value if key == "id" else None for key, value in row.items()}
            for row in sent["_embedded"]
        ]
        form = RecordFormat(stream, fields=plans[stream].minimal, dates=plans[stream].dates)
        for record in records_of(form.render(json.dumps(sent).encode(), {}).lines):
            jsonschema.Draft7Validator(schemas[stream]).validate(record)


def test_minimal_lets_only_listed_fields_out(bodies: Callable[[str], bytes], plans: Any) -> None:
    plan = plans["employees"]
    body = bodies("employees")
    form = RecordFormat("employees", fields=plan.minimal, dates=plan.dates)
    lines = form.render(body, {"employer_id": "e"}).lines
    assert [word for word in SECRET_WORDS if word.encode() in lines] == []
    # The control: they are in the body.
    assert [word for word in SECRET_WORDS if word.encode() in body] == SECRET_WORDS
    assert records_of(lines) == [
        {
            "total_size": 1,
            "employer_id": "e",
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
    stream: str, bodies: Callable[[str], bytes], plans: Any
) -> None:
    plan = plans[stream]
    form = RecordFormat(stream, fields=plan.minimal, dates=plan.dates)
    (record,) = records_of(form.render(bodies(EXAMPLES[stream]), {}).lines)
    assert record["employee"] == {"id": "636a52a1-20b6-46e8-afce-6d59fedbe7c4"}
    assert record["payrollAdministration"] == {"id": "54369214-14a1-41ab-892a-ea8438e34d6f"}


def page(*rows: Any, total: int | None = None) -> bytes:
    return json.dumps(
        {"totalSize": len(rows) if total is None else total, "totalPages": 1, "_embedded": rows}
    ).encode()


@pytest.mark.parametrize("fields", [["name", "when", "a.on"], None])
def test_dates_are_cut_to_the_day_and_never_shifted(fields: list[str] | None) -> None:
    form = RecordFormat("things", fields=fields, dates=["when", "a.on"])
    rows = [
        # An hour after midnight in summer time: in UTC it would be the day before.
        {"id": "1", "when": "1980-06-01T00:30:00+02:00", "name": "n", "a": {"on": "2026-01-01"}},
        {"id": "2", "when": None, "name": "2024-01-01T00:00:00", "a": None},
        {"id": "3", "when": "someday", "name": "n", "a": {"on": "2026-12-31T23:59:59Z"}},
    ]
    records = records_of(form.render(page(*rows), {}).lines)
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
    [
        "1e5",
        "0x10",
        "1_000",
        "1,2",
        "  7 ",
        "True",
        "{{ 7 * 7 }}",
        12345678901234567890,
        1.0,
        "ž\n",
    ],
)
def test_no_value_is_changed_on_its_way(fields: list[str] | None, value: Any) -> None:
    form = RecordFormat("things", fields=fields)
    (record,) = records_of(form.render(page({"id": "{{ 1 }}", "value": value}), {}).lines)
    assert record["value"] == value
    assert type(record["value"]) is type(value)
    assert record["id"] == "{{ 1 }}"


@pytest.mark.parametrize("fields", [["a.b"], None])
def test_a_body_over_several_lines_is_the_same_list(fields: list[str] | None) -> None:
    rows = [{"id": str(n), "a": {"b": "line\r\nbreak"}} for n in range(3)]
    form = RecordFormat("things", fields=fields)
    wide = json.dumps(json.loads(page(*rows)), indent=2).replace("\n", "\r\n").encode()
    rendered = form.render(wide, {"employer_id": "e"})
    assert rendered.lines.count(b"\n") == 3
    assert records_of(rendered.lines) == [
        {"total_size": 3, "employer_id": "e", **row} for row in rows
    ]


@pytest.mark.parametrize("fields", [["a.b", "on"], None])
def test_shapes_that_are_not_documented_are_read_all_the_same(fields: list[str] | None) -> None:
    rows = [{"id": 7, "a": ["x"], "on": "2026-01-01T00:00:00"}, {"id": "8", "a": {"b": 1}, "on": 5}]
    rendered = RecordFormat("things", fields=fields, dates=["on"]).render(page(*rows), {})
    first, second = records_of(rendered.lines)
    assert rendered.ids == ["7", "8"]
    assert first["on"] == "2026-01-01"
    assert second["a"] == {"b": 1}
    assert first["a"] == (None if fields else ["x"])


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
    with pytest.raises(BrokenBody):
        RecordFormat("things", fields=fields).render(body, {})


def test_every_cut_of_a_body_is_broken(bodies: Callable[[str], bytes], plans: Any) -> None:
    body = json.dumps(json.loads(bodies("employees"))).encode()
    plan = plans["employees"]
    for fields in (plan.minimal, None):
        form = RecordFormat("employees", fields=fields, dates=plan.dates)
        for length in range(0, len(body), 7):
            with pytest.raises(BrokenBody):
                form.render(body[:length], {})


def test_a_citizen_service_number_never_gets_through() -> None:
    row = {
        "id": "1",
        "citizenServiceNumber": "123456782",
        "a": {"citizenServiceNumber": "x", "b": 1},
    }
    (record,) = records_of(RecordFormat("things", fields=None).render(page(row), {}).lines)
    assert record == {"total_size": 1, "id": "1", "a": {"b": 1}}


def test_the_line_starts_as_destinations_expect_it(bodies: Callable[[str], bytes]) -> None:
    lines = RecordFormat("employees", fields=None).render(bodies("employees"), {}).lines
    assert lines.startswith(b'{"type":"RECORD","record":{"stream":"employees","data":{')


def test_an_obsolete_version_is_noticed() -> None:
    body = page({"id": "1"}).replace(b"{", b'{"version": {"obsoleteDate": "2027-01-01"}, ', 1)
    assert RecordFormat("things", fields=None).render(body, {}).obsolete_on == "2027-01-01"
