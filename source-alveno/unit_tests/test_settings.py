"""A wrong setting is said in a sentence with the nearest right one."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from people_connector.own_words import wrong_settings
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
    ],
)
def test_a_wrong_setting_is_named_with_what_is_right_and_nothing_is_asked(
    alveno: Alveno, config: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    assert read(config, "operations").error is None  # the control
    alveno.requests.clear()

    outcome = read(config | change, "operations")

    assert outcome.failure is FailureType.config_error
    assert words in outcome.text
    assert alveno.requests == []


@pytest.mark.parametrize(
    "names",
    [{"workload": {"valid_to": "End"}}, {"employee": {"id": "Id"}}, {"employee": {"chip": "C"}}],
)
def test_a_name_that_the_spec_does_not_have_is_refused_by_the_reader_too(
    config: dict[str, Any], names: dict[str, Any]
) -> None:
    """What a form can't show must not work from a file either: the two agree."""
    source = SourceAlveno()
    spec = source.spec(source.logger).connectionSpecification
    assert wrong_settings(config | {"field_names": names}, spec)
    outcome = read(config | {"field_names": names}, "employees")
    assert outcome.failure is FailureType.config_error
    assert "is not a field" in outcome.text


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
    defaults = source.resolved_manifest["definitions"]["attendance_names"]
    for kind in ("employee", "employment", "operation"):
        names = defaults[kind]
        told = {name: told.get("default") for name, told in sections[kind]["properties"].items()}
        assert told == names


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
