"""What the Loket server sends, against the schemas of Loket's own OpenAPI document (trimmed)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from people_sandbox import Sandbox

SCHEMAS = json.loads((Path(__file__).parent / "loket_schemas.json").read_text())

E = "/providers/employers"
LISTS = [
    ("employers", E, "2018-01-01"),
    ("employers_minimized", f"{E}/minimized", "2018-01-01"),
    ("employer_versions", f"{E}/lastmodifiedversionnumbers", "2018-01-01"),
    ("employees", f"{E}/{{employer}}/employees", "2021-03-29"),
    ("employees_2018-12-31", f"{E}/{{employer}}/employees", "2018-12-31"),
    ("employments", f"{E}/{{employer}}/employees/employments", "2019-12-16"),
    ("employments_minimized", f"{E}/{{employer}}/employees/employments/minimized", "2019-12-16"),
    ("employment_versions", f"{E}/{{employer}}/employees/employments/lastmodifiedversionnumbers", "2018-01-01"),
    ("custom_field_definitions", f"{E}/{{employer}}/customfields", "2018-01-01"),
    ("employee_custom_fields", f"{E}/employees/{{employee}}/customfields", "2018-01-01"),
    ("employment_custom_fields", f"{E}/employees/employments/{{flagged}}/customfields", "2018-01-01"),
    ("leave_types", f"{E}/{{employer}}/leavetypes", "2018-01-01"),
    ("leave_balances", f"{E}/{{employer}}/leavebalances?leaveType=1&leaveType=15&leaveType=16", "2018-01-01"),
    ("leave_balances_of_employment", f"{E}/employees/employments/{{flagged}}/leavebalances", "2018-01-01"),
    ("payroll_administrations", f"{E}/{{employer}}/payrolladministrations", "2018-01-01"),
    ("payroll_runs", f"{E}/payrolladministrations/{{administration}}/payrollruns", "2018-01-01"),
    ("authorizations_2018-01-01", f"{E}/{{employer}}/authorizations", "2018-01-01"),
    ("authorizations_2019-02-11", f"{E}/{{employer}}/authorizations", "2019-02-11"),
]  # fmt: skip


def _problems(name: str, body: Any) -> list[str]:
    # Loket's times have no zone, in its own examples too, which RFC 3339 would ask for.
    formats = FormatChecker(["date", "email", "uuid"])
    validator = Draft202012Validator(SCHEMAS[name], format_checker=formats)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


@pytest.fixture(scope="module")
def ids(box: Sandbox, employer: str) -> dict[str, str]:
    world = box.world("loket")
    return {
        "employer": employer,
        "employee": world["employees"][0]["id"],
        "flagged": world["employment_custom_fields"][0]["employment_id"],
        "administration": world["payroll_administrations"][0]["id"],
    }


@pytest.mark.parametrize(("name", "path", "version"), LISTS, ids=[row[0] for row in LISTS])
def test_every_row_has_exactly_the_documented_fields(
    loket: Any, ids: dict[str, str], name: str, path: str, version: str
) -> None:
    body = loket.get(
        path.format(**ids), headers={"Accept": f"application/json;version={version}"}
    ).json()
    assert _problems("list_envelope", body) == []
    assert body["_embedded"], "an empty list proves nothing"
    assert [problem for row in body["_embedded"] for problem in _problems(name, row)] == []
    assert body["version"]["resourceVersion"] == version


def test_the_schemas_notice_a_missing_and_a_foreign_field(loket: Any, employer: str) -> None:
    row = loket.rows(f"{E}/{employer}/employees")[0]
    assert _problems("employees", row) == []
    assert _problems("employees", row | {"citizenServiceNumber": "1"})
    del row["employeeNumber"]
    assert _problems("employees", row)


def test_details_and_settings_have_the_documented_fields(loket: Any, employer: str) -> None:
    assert _problems("user", loket.get("/user").json()) == []
    assert (
        _problems("user_filter_settings", loket.get(f"/user/filtersettings/{employer}").json())
        == []
    )


def test_bulk_custom_fields_have_one_object_under_the_plural_key(
    box: Sandbox, loket: Any, employer: str
) -> None:
    row = loket.rows(f"{E}/{employer}/employees/customfields")[0]
    assert set(row) == {"employmentId", "employeeCustomFields"}
    assert _problems("employee_custom_fields", row["employeeCustomFields"]) == []
    box.settings("loket", bulk_values_as_array=True)
    as_array = loket.rows(f"{E}/{employer}/employees/customfields")[0]
    box.settings("loket", bulk_values_as_array=False)
    assert as_array["employeeCustomFields"] == [row["employeeCustomFields"]]


def test_errors_have_the_documented_bodies(box: Sandbox, loket: Any, employer: str) -> None:
    wrong_page = loket.get(f"{E}?pageNumber=0")
    assert (wrong_page.status_code, _problems("error_400", wrong_page.json())) == (400, [])
    no_token = loket.get(E, headers={"Authorization": "Bearer nonsense"})
    assert (no_token.status_code, _problems("error_401", no_token.json())) == (401, [])
    box.patch("loket", "rights", employer, denied=["GetLeaveTypesByEmployerId"])
    no_right = loket.get(f"{E}/{employer}/leavetypes")
    box.patch("loket", "rights", employer, denied=[])
    assert (no_right.status_code, _problems("error_403", no_right.json())) == (403, [])
