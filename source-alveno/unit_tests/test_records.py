"""What a record looks like, whatever Alveno calls its fields."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft7Validator

from .conftest import EMPLOYEES, STREAMS, WORKLOADS, Alveno, Reply, read


def test_all_four_streams_are_read_under_stable_names(config: dict[str, Any]) -> None:
    outcome = read(config)

    assert outcome.error is None
    assert outcome.records["employers"] == [
        {"employer_id": "alveno", "name": "Alveno", "total_size": 1}
    ]
    assert outcome.records["operations"] == [
        {
            "operation_id": "7",
            "name": "Praha",
            "is_disabled": None,
            "employer_id": "alveno",
            "total_size": 1,
        }
    ]
    assert outcome.records["employees"] == [
        {
            "employee_id": "101",
            "personal_number": "0012",
            "first_name": "Jiří",
            "last_name": "Dvořák",
            "email": None,
            "note": "LDID: 32567",
            "chip_numbers": ["00A1B2C3"],
            "is_active": None,
            "is_disabled": None,
            "start_date": None,
            "employer_id": "alveno",
            "total_size": 2,
        },
        {
            "employee_id": "102",
            "personal_number": "12",
            "first_name": "Ľubica",
            "last_name": "Kováčová",
            "email": "lubica@example.sk",
            "note": None,
            "chip_numbers": [],
            "is_active": None,
            "is_disabled": None,
            "start_date": None,
            "employer_id": "alveno",
            "total_size": 2,
        },
    ]
    assert outcome.records["employments"] == [
        {
            "employment_id": "9001",
            "employee_id": "101",
            "operation_id": "7",
            "job_title": None,
            "contract_type": "HPP",
            "valid_from": "2025-01-01",
            "valid_to": None,
            "note": None,
            "employer_id": "alveno",
            "total_size": 2,
        },
        {
            "employment_id": "9002",
            "employee_id": "102",
            "operation_id": "7",
            "job_title": "Účetní",
            "contract_type": "DPP",
            "valid_from": "2025-07-01",
            "valid_to": None,
            "note": None,
            "employer_id": "alveno",
            "total_size": 2,
        },
    ]


@pytest.mark.parametrize("stream", STREAMS)
def test_each_record_fits_its_schema(config: dict[str, Any], stream: str) -> None:
    schema = json.loads((files("source_alveno") / "schemas" / f"{stream}.json").read_text())
    records = read(config, stream).records[stream]

    assert records
    for record in records:
        Draft7Validator(schema).validate(record)
        assert set(record) == set(schema["properties"])


def test_renamed_fields_are_found_under_their_configured_names(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    renamed = [
        {("Poznamka" if name == "Note" else name): value for name, value in row.items()}
        for row in EMPLOYEES
    ]
    alveno.lists(employees=renamed)
    config["field_names"] = {"employee": {"note": "Poznamka"}}

    outcome = read(config, "employees")

    assert outcome.error is None
    assert outcome.records["employees"][0]["note"] == "LDID: 32567"


def test_a_field_that_is_switched_off_is_null_and_not_required(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(employees=[{k: v for k, v in row.items() if k != "Email"} for row in EMPLOYEES])
    config["field_names"] = {"employee": {"email": None}}

    outcome = read(config, "employees")

    assert outcome.error is None
    assert [record["email"] for record in outcome.records["employees"]] == [None, None]


@pytest.mark.parametrize(
    ("value", "chips"),
    [
        (None, []),
        ("", []),
        ("  0123 ", ["0123"]),
        (123, ["123"]),
        (["00A1", "00A2", "00A1", None, ""], ["00A1", "00A2"]),
        ([123, "123"], ["123"]),
        ("00A1;00A2", ["00A1;00A2"]),
    ],
)
def test_a_chip_is_one_value_or_a_list_and_never_a_number(
    alveno: Alveno, config: dict[str, Any], value: object, chips: list[str]
) -> None:
    alveno.lists(employees=[{**EMPLOYEES[0], "ChipNumber": value}])

    assert read(config, "employees").records["employees"][0]["chip_numbers"] == chips


def test_chips_can_be_a_list_of_their_own(alveno: Alveno, config: dict[str, Any]) -> None:
    alveno.lists(
        employees=[{k: v for k, v in row.items() if k != "ChipNumber"} for row in EMPLOYEES],
        cards=[
            {"Person": 101, "Number": "00A1", "Until": None},
            {"Person": 101, "Number": "00A2", "Until": "/Date(253402300799999)/"},
            {"Person": "102", "Number": "00B1", "Until": "31.12.2019"},
            {"Person": 999, "Number": "00C1", "Until": None},
        ],
    )
    config["field_names"] = {
        "chip": {
            "endpoint": "/cards",
            "employee_id": "Person",
            "number": "Number",
            "valid_to": "Until",
        }
    }

    outcome = read(config, "employees")

    assert outcome.error is None
    chips = [record["chip_numbers"] for record in outcome.records["employees"]]
    assert chips == [["00A1", "00A2"], []]


def test_a_renamed_key_in_the_list_of_chips_stops_the_read(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(cards=[{"EmployeeID": 101, "CardNumber": "00A1"}])
    config["field_names"] = {"chip": {"endpoint": "/cards", "number": "CardNo"}}

    outcome = read(config, "employees")

    assert outcome.count == 0
    assert "CardNumber" in outcome.text
    assert "00A1" not in outcome.text


def test_decomposed_accents_are_composed_and_letters_are_kept(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(
        employees=[{**EMPLOYEES[0], "Lastname": "Dvor\u030ca\u0301k", "Firstname": "L\u030cudmila"}]
    )

    record = read(config, "employees").records["employees"][0]

    assert record["last_name"] == "Dvořák"
    assert record["first_name"] == "Ľudmila"


def test_personal_numbers_that_differ_in_zeros_stay_two_people(config: dict[str, Any]) -> None:
    numbers = [record["personal_number"] for record in read(config).records["employees"]]

    assert numbers == ["0012", "12"]


def test_overlapping_contracts_of_one_person_are_two_records(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(workloads=[WORKLOADS[0], {**WORKLOADS[1], "EmployeeID": 101}])

    employments = read(config, "employments").records["employments"]

    assert [(one["employee_id"], one["contract_type"]) for one in employments] == [
        ("101", "HPP"),
        ("101", "DPP"),
    ]


def test_the_tenant_is_the_employer_where_one_is_set(config: dict[str, Any]) -> None:
    outcome = read({**config, "tenant": "01234567"})

    assert {r["employer_id"] for rows in outcome.records.values() for r in rows} == {"01234567"}


def test_five_thousand_people_are_read_in_order_with_their_total(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(employees=[{**EMPLOYEES[0], "EmployeeID": 101 + n} for n in range(5000)])

    records = read(config, "employees").records["employees"]

    assert [record["employee_id"] for record in records] == [str(101 + n) for n in range(5000)]
    assert {record["total_size"] for record in records} == {5000}


def test_two_reads_of_the_same_account_are_equal(config: dict[str, Any]) -> None:
    assert read(config).records == read(config).records


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf[{"OperationID":7,"Name":"Praha"}]',
        b'{"d":[{"OperationID":7,"Name":"Praha"}]}',
        b'[{"OperationID":7,"Name":"Praha","Weight":NaN}]',
    ],
)
def test_what_dotnet_services_put_around_a_list_does_not_matter(
    alveno: Alveno, config: dict[str, Any], body: bytes
) -> None:
    alveno.answer("/operations", Reply(body))

    outcome = read(config, "operations")

    assert [(r["operation_id"], r["name"]) for r in outcome.records["operations"]] == [
        ("7", "Praha")
    ]


def test_half_a_surrogate_pair_spoils_one_letter_and_nobody_else(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    body = json.dumps([{**EMPLOYEES[0], "Lastname": "No\ud83dvák"}, EMPLOYEES[1]]).encode()
    alveno.answer("/employees", Reply(body))

    records = read(config, "employees").records["employees"]

    assert [record["last_name"] for record in records] == ["No?vák", "Kováčová"]


def test_a_value_nested_hundreds_deep_stops_nobody(alveno: Alveno, config: dict[str, Any]) -> None:
    deep = "[" * 600 + "]" * 600
    body = json.dumps([{**EMPLOYEES[0], "Note": "HERE"}, EMPLOYEES[1]]).replace('"HERE"', deep)
    alveno.answer("/employees", Reply(body.encode()))

    records = read(config, "employees").records["employees"]

    assert [record["note"] for record in records] == ["unreadable:", None]


def test_entries_that_are_no_records_are_missed_by_the_total(
    alveno: Alveno, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    alveno.lists(employees=[EMPLOYEES[0], None, "text"])

    records = read(config, "employees").records["employees"]

    assert [(r["employee_id"], r["total_size"]) for r in records] == [("101", 3)]
    assert "3 entries but 1 different ids" in caplog.text


def test_a_list_with_repeated_ids_is_read_again_and_then_told_by_its_total(
    alveno: Alveno, config: dict[str, Any]
) -> None:
    alveno.lists(employees=[EMPLOYEES[0], EMPLOYEES[0]])

    records = read(config, "employees").records["employees"]

    assert alveno.count("/employees") == 2
    assert {(r["employee_id"], r["total_size"]) for r in records} == {("101", 2)}
