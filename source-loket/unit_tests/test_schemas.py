"""Every record of every stream against the schema that discover gives, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from people_sandbox import start_sandbox
from source_loket.source import SourceLoket

SOURCE = SourceLoket(
    config={"credentials": {"client_id": "c", "refresh_token": "r"}, "flex_salary": True}
)
ALL = SOURCE.streams({})
STREAMS = [stream.name for stream in ALL]


def errors_of(outcome: Any) -> Iterator[str]:
    checker = jsonschema.FormatChecker(["date"])
    for stream in ALL:
        schema = stream.get_json_schema()
        validator = jsonschema.Draft7Validator(schema, format_checker=checker)
        assert outcome.records[stream.name], stream.name
        for record in outcome.records[stream.name]:
            yield from (
                f"{stream.name}: {e.json_path} {e.message}" for e in validator.iter_errors(record)
            )
            for key in stream.as_airbyte_stream().source_defined_primary_key or []:
                if record.get(key[0]) is None:
                    yield f"{stream.name}: {key[0]} is null"


@pytest.mark.parametrize("fields", ["minimal", "all"])
def test_every_record_fits_its_schema(config: Any, read: Any, fields: str) -> None:
    outcome = read(config | {"fields": fields}, STREAMS)
    assert list(errors_of(outcome)) == []


@pytest.mark.long
def test_every_record_of_ten_thousand_people_fits_its_schema(read: Any) -> None:
    with start_sandbox(size=10_000, seed=7, employers=1) as box:
        outcome = read(box.config("source-loket") | {"flex_salary": True}, STREAMS)
    assert len(outcome.records["employees"]) == 10_000
    assert {outcome.status(stream) for stream in STREAMS} == {"COMPLETE"}
    assert list(errors_of(outcome)) == []


def test_an_extra_field_of_a_schema_would_be_noticed(config: Any, read: Any) -> None:
    outcome = read(config, STREAMS)
    outcome.records["employees"][0]["personalDetails"]["dateOfBirth"] = "1980-13-01"
    outcome.records["employees"][1]["id"] = None
    assert len(list(errors_of(outcome))) == 3


def test_every_property_says_what_it_is() -> None:
    def silent(schema: Any, path: str) -> Iterator[str]:
        for name, below in schema.get("properties", {}).items():
            if "type" not in below:
                yield f"{path}.{name}"
            yield from silent(below, f"{path}.{name}")

    for stream in ALL:
        schema = stream.get_json_schema()
        assert list(silent(schema, stream.name)) == []
        assert {"employer_id", "total_size"} <= set(schema["properties"])
