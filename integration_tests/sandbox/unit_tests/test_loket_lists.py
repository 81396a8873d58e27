"""Paging, filters, orders, versions and rights of the Loket server."""

from __future__ import annotations

from typing import Any

import pytest
from people_sandbox import Sandbox

E = "/providers/employers"


def _employees(loket: Any, employer: str, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = loket.rows(f"{E}/{employer}/employees", params=query)
    return rows


def test_pages_together_are_the_whole_list(loket: Any, employer: str) -> None:
    whole = _employees(loket, employer, orderBy="id")
    pages: list[dict[str, Any]] = []
    for number in (1, 2, 3, 4):
        body = loket.get(
            f"{E}/{employer}/employees",
            params={"orderBy": "id", "pageSize": 9, "pageNumber": number},
        ).json()
        assert (body["totalSize"], body["totalPages"], body["currentPage"], body["pageSize"]) == (
            30,
            4,
            number,
            9,
        )
        pages += body["_embedded"]
    assert pages == whole
    assert [row["id"] for row in whole] == sorted(row["id"] for row in whole)


def test_a_page_past_the_end_is_empty(loket: Any, employer: str) -> None:
    assert _employees(loket, employer, pageNumber=99) == []


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ("employeeNumber ge 3 and employeeNumber le 5", lambda row: 3 <= row["employeeNumber"] <= 5),
        ("employeenumber lt 3 or employeeNumber gt 28", lambda row: row["employeeNumber"] < 3 or row["employeeNumber"] > 28),
        ("employeeNumber eq 1 or employeeNumber eq 2 and employeeNumber eq 3", lambda row: row["employeeNumber"] == 1),
        ("personalDetails.prefix eq null", lambda row: row["personalDetails"]["prefix"] is None),
        ("personalDetails.prefix ne null", lambda row: row["personalDetails"]["prefix"] is not None),
        ("PERSONALDETAILS.gender.key eq 2", lambda row: row["personalDetails"]["gender"]["key"] == 2),
        ("address.city eq 'LEIDEN'", lambda row: row["address"]["city"] == "Leiden"),
        ("address.city eq '''s-hertogenbosch'", lambda row: row["address"]["city"] == "'s-Hertogenbosch"),
        ("address.city lk 'lbu'", lambda row: "lbu" in row["address"]["city"]),
        ("personalDetails.dateOfBirth le 1980-01-01", lambda row: row["personalDetails"]["dateOfBirth"] <= "1980-01-01"),
        ("(employeeNumber eq 1 or employeeNumber eq 2) and exclusionFromAbsenceStatus eq false", lambda row: row["employeeNumber"] < 3),
    ],
)  # fmt: skip
def test_a_filter_leaves_what_it_says(loket: Any, employer: str, condition: str, test: Any) -> None:
    every = _employees(loket, employer)
    assert _employees(loket, employer, filter=condition) == [row for row in every if test(row)]
    assert 0 < len([row for row in every if test(row)]) < len(every)


@pytest.mark.parametrize(
    "condition", ["employeeNumber is 3", "shoeSize eq 41", "address.city eq 'Lei", "a eq 1 b"]
)
def test_a_filter_that_cannot_be_read_is_refused_in_plain_text(
    loket: Any, employer: str, condition: str
) -> None:
    answer = loket.get(f"{E}/{employer}/employees", params={"filter": condition})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (400, "text/plain")


def test_an_order_may_have_several_fields_and_go_down(loket: Any, employer: str) -> None:
    rows = _employees(loket, employer, orderBy="-address.city,employeeNumber")
    assert rows != _employees(loket, employer)
    keys = [(row["address"]["city"].casefold(), -row["employeeNumber"]) for row in rows]
    assert keys == sorted(keys, reverse=True)
    assert [row["id"] for row in _employees(loket, employer, orderby="-id")] == sorted(
        (row["id"] for row in rows), reverse=True
    )


def test_the_version_asked_for_decides_the_shape(loket: Any, employer: str) -> None:
    def employee(version: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = loket.rows(
            f"{E}/{employer}/employees", headers={"Accept": f"application/json;version={version}"}
        )
        return rows[0]

    assert "businessEmailAddress" not in employee("2018-12-31")["contactInformation"]
    assert "businessEmailAddress" in employee("2021-03-29")["contactInformation"]
    # The newest version on or before the date counts.
    assert employee("2021-03-28") == employee("2018-12-31")
    assert employee("2026-01-01") == employee("2021-03-29")
    assert (
        loket.get(
            f"{E}/{employer}/employees", headers={"Accept": "application/json;version=2018-01-01"}
        ).status_code
        == 400
    )


def test_an_employer_without_rights_answers_403_and_others_go_on(
    box: Sandbox, loket: Any, employer: str
) -> None:
    other = box.control()["loket"]["employer_ids"][1]
    box.patch("loket", "rights", employer, denied=["GetEmployeesByEmployerId"])
    assert loket.get(f"{E}/{employer}/employees").status_code == 403
    assert loket.get(f"{E}/{other}/employees").status_code == 200
    named = {row["description"] for row in loket.rows(f"{E}/{employer}/authorizations")}
    assert "GetEmployeesByEmployerId" not in named and "GetEmploymentsByEmployerId" in named
    box.patch("loket", "rights", employer, denied=[], visible=False)
    assert [row["id"] for row in loket.rows(E)] == [other]
    box.patch("loket", "rights", employer, visible=True)
    assert len(loket.rows(E)) == 2


def test_bulk_custom_fields_can_be_missing_from_the_clients_grant(
    box: Sandbox, loket: Any, employer: str
) -> None:
    employee = box.world("loket")["employees"][0]["id"]
    assert loket.rows(f"{E}/{employer}/employees/customfields")
    box.add(
        "loket", "rights", {"employer_id": "*", "denied": ["GetEmployeeCustomFieldsByEmployerId"]}
    )
    assert loket.get(f"{E}/{employer}/employees/customfields").status_code == 403
    assert (
        loket.rows(f"{E}/employees/{employee}/customfields")[0]["customField"]["description"]
        == "alleo_access"
    )
    box.remove("loket", "rights", "*")


def test_the_stored_filter_of_a_user_hides_employments(
    box: Sandbox, loket: Any, employer: str
) -> None:
    path = f"{E}/{employer}/employees/employments"
    every = loket.rows(path)
    today = box.control()["as_of"]
    current = [
        row
        for row in every
        if row["startDate"] <= today and (row["endDate"] is None or row["endDate"] >= today)
    ]
    box.patch(
        "loket",
        "filter_settings",
        employer,
        employmentFilter={"filterOnEmployedStatus": "ActiveEmployments"},
    )
    assert loket.rows(path) == current
    assert 0 < len(current) < len(every)
    box.patch(
        "loket",
        "filter_settings",
        employer,
        employmentFilter={"filterOnEmployedStatus": "AllEmployments"},
    )
    assert loket.rows(path) == every


def test_leave_balances_without_a_type_are_those_of_type_16(loket: Any, employer: str) -> None:
    rows = loket.rows(f"{E}/{employer}/leavebalances")
    assert {balance["leaveType"]["key"] for row in rows for balance in row["leaveBalance"]} == {16}
    asked = loket.rows(f"{E}/{employer}/leavebalances?leaveType=1&leaveType=15")
    assert {balance["leaveType"]["key"] for row in asked for balance in row["leaveBalance"]} == {
        1,
        15,
    }


def test_version_numbers_rise_with_a_change_and_only_there(
    box: Sandbox, loket: Any, employer: str
) -> None:
    before = {
        row["id"]: row["lastModifiedVersionNumber"]
        for row in loket.rows(f"{E}/lastmodifiedversionnumbers")
    }
    world = box.world("loket")
    employment = next(row for row in world["employments"] if row["employer_id"] == employer)
    box.patch("loket", "employments", employment["id"], endDate="2026-12-31")
    raised = loket.rows(
        f"{E}/lastmodifiedversionnumbers",
        params={"filter": f"lastModifiedVersionNumber gt {max(before.values())}"},
    )
    assert [row["id"] for row in raised] == [employer]
    rows = loket.rows(
        f"{E}/{employer}/employees/employments/lastmodifiedversionnumbers",
        params={"orderBy": "-lastModifiedVersionNumber"},
    )
    assert rows[0] == {
        "id": employment["id"],
        "lastModifiedVersionNumber": raised[0]["lastModifiedVersionNumber"],
    }
    # Custom fields are not known to raise it; the harder case is the default.
    value = next(row for row in world["employee_custom_fields"] if row["employer_id"] != employer)
    box.patch("loket", "employee_custom_fields", value["id"], value="FALSE")
    after = {
        row["id"]: row["lastModifiedVersionNumber"]
        for row in loket.rows(f"{E}/lastmodifiedversionnumbers")
    }
    assert after == before | {employer: raised[0]["lastModifiedVersionNumber"]}


def test_an_unknown_employer_is_refused_and_an_unknown_employee_not_found(
    loket: Any, employer: str
) -> None:
    nobody = "00000000-0000-4000-a000-000000000000"
    assert loket.get(f"{E}/{nobody}/employees").status_code == 403
    missing = loket.get(f"{E}/employees/{nobody}/customfields")
    assert (missing.status_code, missing.content) == (404, b"")
