"""A configured key that no record has stops the read before anything is let out."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import FailureType

from .conftest import EMPLOYEES, OPERATIONS, STREAMS, WORKLOADS, Alveno, read


def renamed(rows: list[dict[str, Any]], old: str, new: str) -> list[dict[str, Any]]:
    return [{(new if name == old else name): value for name, value in row.items()} for row in rows]


def test_a_renamed_note_ends_with_a_config_error_and_no_record_at_all(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    assert read(config).count == 6  # the control: nothing renamed, everything is let out

    alveno.lists(employees=renamed(EMPLOYEES, "Note", "Notes"))
    outcome = read(config)

    assert outcome.failure is FailureType.config_error
    assert outcome.records == {}
    assert {outcome.last(stream) for stream in STREAMS} == {"INCOMPLETE"}


def test_the_message_names_the_nearest_key_and_all_keys_but_no_value(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(employees=renamed(EMPLOYEES, "Note", "Notes"))

    text = read(config).text

    assert "No employee has the key Note (for note). Did you mean Notes?" in text
    assert "ChipNumber, Email, EmployeeID, Firstname, Lastname, Notes, PersonalID" in text
    assert "field_names.employee.note" in text
    for value in ("Dvořák", "32567", "lubica", "00A1B2C3", "0012"):
        assert value not in text


@pytest.mark.parametrize(
    ("path", "rows", "key"),
    [
        ("employees", EMPLOYEES, "EmployeeID"),
        ("employees", EMPLOYEES, "PersonalID"),
        ("employees", EMPLOYEES, "Firstname"),
        ("employees", EMPLOYEES, "Lastname"),
        ("employees", EMPLOYEES, "Email"),
        ("employees", EMPLOYEES, "ChipNumber"),
        ("workloads", WORKLOADS, "WorkloadID"),
        ("workloads", WORKLOADS, "EmployeeID"),
        ("workloads", WORKLOADS, "DateFrom"),
        ("workloads", WORKLOADS, "DateTo"),
        ("operations", OPERATIONS, "OperationID"),
    ],
)
def test_every_key_that_decides_about_people_is_required(
    alveno: Alveno, config: dict[str, Any], path: str, rows: list[dict[str, Any]], key: str
) -> None:
    alveno.lists(**{path: renamed(rows, key, f"{key}X")})

    outcome = read(config)

    assert outcome.failure is FailureType.config_error
    assert outcome.count == 0
    assert f"Did you mean {key}X?" in outcome.text


def test_all_missing_keys_of_all_lists_are_said_at_once(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(
        employees=renamed(renamed(EMPLOYEES, "Note", "N"), "Email", "E"),
        workloads=renamed(WORKLOADS, "DateTo", "D"),
    )

    text = read(config).text

    assert all(f"has the key {key} " in text for key in ("Note", "Email", "DateTo"))


def test_a_key_that_only_some_records_have_is_there(alveno: Alveno, config: dict[str, Any]) -> None:
    bare = {name: value for name, value in EMPLOYEES[0].items() if name != "Note"}
    alveno.lists(employees=[bare, EMPLOYEES[1]])

    outcome = read(config, "employees")

    assert outcome.error is None
    assert [record["note"] for record in outcome.records["employees"]] == [None, None]


def test_a_title_that_is_missing_is_a_warning(
    alveno: Alveno, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    alveno.lists(workloads=renamed(WORKLOADS, "JobTitle", "Position"))

    outcome = read(config, "employments")

    assert outcome.error is None
    assert "No employment has the key JobTitle" in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        {"required_keys": ["employment.job_title"]},
        {"required_keys": ["employment.job_title"]},
        {"field_names": {"employment": {"job_title": "JobTitle"}}},
        {"field_names": {"employment": {"job_title": "JobTitle"}}},
    ],
)
def test_a_title_becomes_required_by_configuration(
    alveno: Alveno, config: dict[str, Any], change: dict[str, Any]
) -> None:
    assert read(config | change, "employments").error is None  # the control

    alveno.lists(workloads=renamed(WORKLOADS, "JobTitle", "Position"))

    assert read(config | change, "employments").failure is FailureType.config_error


@pytest.mark.parametrize("stream", ["employees", "employments"])
def test_an_empty_list_of_people_is_an_error_not_everybody_gone(
    alveno: Alveno, config: dict[str, Any], stream: str
) -> None:
    alveno.lists(**{{"employees": "employees", "employments": "workloads"}[stream]: []})

    outcome = read(config)

    assert outcome.failure is FailureType.config_error
    assert outcome.count == 0
    assert "allow_empty" in outcome.text


def test_a_truly_empty_account_can_be_allowed(alveno: Alveno, config: dict[str, Any]) -> None:
    alveno.lists(employees=[], workloads=[])

    outcome = read({**config, "allow_empty": True})

    assert outcome.error is None
    assert {outcome.last(stream) for stream in STREAMS} == {"COMPLETE"}
    assert outcome.count == 2  # the employer and its operation
