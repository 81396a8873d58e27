"""A wrong setting is said in a sentence with the nearest right one."""

from __future__ import annotations

from typing import Any

import pytest
from source_alveno.errors import ConfigError
from source_alveno.field_names import EMPLOYEE, EMPLOYMENT, OPERATION
from source_alveno.settings import read_settings
from source_alveno.source import SourceAlveno

from .conftest import Alveno, read

TOKEN = "token-of-a-test-4711"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"timezone": "Europe/Parague"}, "Did you mean Europe/Prague?"),
        ({"timezone": "../../etc/passwd"}, "timezone is not a time zone"),
        ({"api": "hr"}, "needs the tenant"),
        ({"field_names": {"employe": {}}}, "Did you mean employee?"),
        ({"field_names": {"employee": {"emial": "Mail"}}}, "Did you mean email?"),
        ({"field_names": {"employee": {"employee_id": None}}}, "cannot be switched off"),
        ({"required_keys": ["employee.nte"]}, "Did you mean employee.note?"),
        ({"required_keys": ["note"]}, "required_keys: note is not a field"),
        ({"required_keys": ["employment.note"]}, "has no name"),
        ({"field_names": {"chip": {"endpont": "/chips"}}}, "Did you mean endpoint?"),
        ({"field_names": {"chip": {"endpoint": "https://elsewhere/chips"}}}, "must be a path"),
        ({"field_names": {"chip": {"endpoint": "../chips"}}}, "must be a path"),
        ({"field_names": {"chip": {"number": "No"}}}, "must be a path"),
        ({"field_names": "note"}, "field_names must be an object"),
        ({"field_names": {"employee": "Note"}}, "field_names.employee must be an object"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_right(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings({"token": TOKEN} | change)

    assert words in str(caught.value)


def test_the_other_words_people_use_for_a_field_are_understood() -> None:
    config = {
        "token": TOKEN,
        "field_names": {
            "employee": {"id": "Id", "chip": "Chip"},
            "workload": {"id": "WId", "valid_to": "End"},
        },
        "required_keys": ["workload.valid_to", "employee.chip"],
    }

    names = read_settings(config).field_names

    assert names.employee.names["employee_id"] == "Id"
    assert names.employee.names["chip_numbers"] == "Chip"
    assert names.employment.names["employment_id"] == "WId"
    assert names.employment.names["valid_to"] == "End"


def test_a_misspelt_setting_is_warned_about(
    alveno: Alveno, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    outcome = read({**config, "requird_keys": [], "__injected": 1}, "operations")

    assert outcome.error is None
    assert "requird_keys is no setting of this source. Did you mean required_keys?" in caplog.text
    assert "__injected" not in caplog.text


def test_the_spec_describes_every_setting_and_tells_our_defaults() -> None:
    source = SourceAlveno()
    properties = source.spec(source.logger).connectionSpecification["properties"]

    assert list(properties) == [
        "token",
        "api",
        "tenant",
        "api_url",
        "timezone",
        "field_names",
        "required_keys",
        "throttle_error_codes",
        "allow_empty",
    ]
    assert all(p["title"] and p["description"] and p["examples"] for p in properties.values())
    assert properties["token"]["airbyte_secret"] is True
    sections = properties["field_names"]["properties"]
    for kind, names in {
        "employee": EMPLOYEE,
        "employment": EMPLOYMENT,
        "operation": OPERATION,
    }.items():
        told = {name: told.get("default") for name, told in sections[kind]["properties"].items()}
        assert told == dict(names)


def test_guessed_names_are_marked_as_guesses_in_the_spec() -> None:
    source = SourceAlveno()
    properties = source.spec(source.logger).connectionSpecification["properties"]
    sections = properties["field_names"]["properties"]

    guessed = {
        f"{kind}.{name}"
        for kind in ("employee", "employment", "operation")
        for name, told in sections[kind]["properties"].items()
        if "GUESS" in told["description"]
    }

    assert guessed == {
        "employee.email",
        "employee.note",
        "employee.chip_numbers",
        "employment.valid_from",
        "employment.valid_to",
    }
