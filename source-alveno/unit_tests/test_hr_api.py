"""The HR API: pages, another header, no employments of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airbyte_cdk.models import FailureType

from .conftest import TOKEN, Alveno, Outcome, Reply, Request, escaped, read

BASE = "/v1/01234567"


def person(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "firstName": "Jana",
        "lastName": "Nováková",
        "email": None if number % 2 else f"p{number}@example.cz",
        "jobTitle": "",
        "personalNumber": str(number),
        "isActive": True,
        "isDisabled": False,
        "operationId": None,
        "startDate": "2024-03-01",
        **changes,
    }


def pages(people: list[dict[str, Any]], most: int = 100) -> Any:
    def page(request: Request) -> Reply:
        offset, limit = int(request.query["offset"][0]), int(request.query["limit"][0])
        items = people[offset : offset + min(limit, most)]
        envelope = {"items": items, "offset": offset, "limit": limit, "totalCount": len(people)}
        return Reply(escaped(envelope))

    return page


@pytest.fixture
def hr(alveno: Alveno, config: dict[str, Any]) -> dict[str, Any]:
    alveno.answer(
        f"{BASE}/operations",
        Reply(b'{"items":[{"id":"o1","name":"Praha","isDisabled":false}]}'),
    )
    alveno.answer(f"{BASE}/employees", pages([person(n) for n in range(250)]))
    return {**config, "api": "hr", "tenant": "01234567"}


def ids(outcome: Outcome, stream: str = "employees") -> list[str]:
    key = {"employees": "employee_id", "employments": "employment_id"}[stream]
    return [record[key] for record in outcome.records[stream]]


def test_all_pages_are_read_with_e_mail_flags_and_first_day(
    alveno: Alveno, hr: dict[str, Any]
) -> None:
    outcome = read(hr)

    assert outcome.error is None
    assert ids(outcome) == [person(n)["id"] for n in range(250)]
    assert outcome.records["employees"][0] == {
        "employee_id": person(0)["id"],
        "employer_id": "01234567",
        "personal_number": "0",
        "first_name": "Jana",
        "last_name": "Nováková",
        "email": "p0@example.cz",
        "note": None,
        "chip_numbers": [],
        "is_active": True,
        "is_disabled": False,
        "start_date": "2024-03-01",
        "total_size": 250,
    }
    assert outcome.records["operations"][0]["is_disabled"] is False
    assert outcome.records["employers"][0]["employer_id"] == "01234567"
    assert all(request.headers["x-api-key"] == TOKEN for request in alveno.requests)
    assert not any("authorizationtoken" in request.headers for request in alveno.requests)


def test_an_active_person_has_one_open_employment_and_others_have_none(
    alveno: Alveno, hr: dict[str, Any]
) -> None:
    people = [person(0), person(1, isActive=False), person(2, isDisabled=True), person(3)]
    alveno.answer(f"{BASE}/employees", pages(people))

    outcome = read(hr)

    assert len(outcome.records["employees"]) == 4
    assert ids(outcome, "employments") == [person(0)["id"], person(3)["id"]]
    first = outcome.records["employments"][0]
    assert (first["valid_from"], first["valid_to"]) == ("2024-03-01", None)
    assert first["employee_id"] == person(0)["id"]
    assert first["total_size"] == 2


def test_the_flags_may_have_other_names(alveno: Alveno, hr: dict[str, Any]) -> None:
    people = [
        {("working" if name == "isActive" else name): value for name, value in row.items()}
        for row in (person(0), person(1, isActive=False))
    ]
    alveno.answer(f"{BASE}/employees", pages(people))

    outcome = read({**hr, "field_names": {"employee": {"is_active": "working"}}})

    assert ids(outcome, "employments") == [person(0)["id"]]


def test_a_server_with_smaller_pages_than_asked_loses_nobody(
    alveno: Alveno, hr: dict[str, Any]
) -> None:
    alveno.answer(f"{BASE}/employees", pages([person(n) for n in range(250)], most=30))

    assert len(set(ids(read(hr, "employees")))) == 250


def test_a_repeated_page_is_noticed_and_the_list_read_again(
    alveno: Alveno, hr: dict[str, Any]
) -> None:
    good = pages([person(n) for n in range(250)])

    def repeated(request: Request) -> Reply:
        return good(Request(request.path, {**request.query, "offset": ["0"]}, request.headers))

    alveno.answer(f"{BASE}/employees", good, repeated, good)

    outcome = read(hr, "employees")

    assert outcome.error is None
    assert len(set(ids(outcome))) == 250


def test_a_page_that_is_repeated_for_ever_is_not_asked_for_for_ever(
    alveno: Alveno, hr: dict[str, Any]
) -> None:
    """An offset that is not looked at, and a count that no list has."""
    items = [person(n) for n in range(100)]
    alveno.answer(f"{BASE}/employees", Reply(escaped({"items": items, "totalCount": 10**9})))

    outcome = read(hr, "employees")

    assert outcome.failure is FailureType.transient_error
    assert outcome.count == 0
    assert alveno.count(f"{BASE}/employees") == 4  # two pages, twice


@pytest.mark.parametrize("count", ["250", 250])
def test_a_count_may_be_a_text(alveno: Alveno, hr: dict[str, Any], count: object) -> None:
    def answer(request: Request) -> Reply:
        page = json.loads(pages([person(n) for n in range(250)])(request).body)
        return Reply(escaped(page | {"totalCount": count}))

    alveno.answer(f"{BASE}/employees", answer)
    assert len(set(ids(read(hr, "employees")))) == 250


@pytest.mark.parametrize("count", [None, "many", [], True, -1, 1.5])
def test_a_full_page_that_does_not_say_of_how_many_is_not_taken_for_all(
    alveno: Alveno, hr: dict[str, Any], count: object
) -> None:
    """The first hundred of them would look like the whole firm."""
    items = [person(n) for n in range(100)]
    alveno.answer(f"{BASE}/employees", Reply(escaped({"items": items, "totalCount": count})))

    outcome = read(hr, "employees")

    assert outcome.failure is FailureType.transient_error
    assert outcome.count == 0
    assert "totalCount" in outcome.text
    alveno.answer(f"{BASE}/employees", Reply(escaped({"items": items[:99]})))
    assert read(hr, "employees").count == 99, "the control: a page that is not full is the last"


def test_pages_that_never_add_up_fail_as_transient(alveno: Alveno, hr: dict[str, Any]) -> None:
    def short(request: Request) -> Reply:
        rows = [person(0)] if request.query["offset"] == ["0"] else []
        return Reply(escaped({"items": rows, "offset": 0, "limit": 100, "totalCount": 2}))

    alveno.answer(f"{BASE}/employees", short)

    outcome = read(hr, "employees")

    assert outcome.failure is FailureType.transient_error
    assert outcome.count == 0
    assert outcome.last("employees") == "INCOMPLETE"


def test_a_renamed_key_on_a_later_page_is_no_renamed_key_but_a_missing_one_stops(
    alveno: Alveno, hr: dict[str, Any]
) -> None:
    without = [{k: v for k, v in person(n).items() if k != "email"} for n in range(150)]
    alveno.answer(f"{BASE}/employees", pages([*without, person(200)]))
    assert read(hr, "employees").error is None

    alveno.answer(f"{BASE}/employees", pages(without))
    outcome = read(hr, "employees")

    assert outcome.failure is FailureType.config_error
    assert outcome.count == 0


@pytest.mark.parametrize("suffix", ["", "/", "/v1/01234567", "/v1/01234567/"])
def test_the_address_may_or_may_not_name_the_tenant(
    alveno: Alveno, hr: dict[str, Any], suffix: str
) -> None:
    outcome = read({**hr, "api_url": alveno.url + suffix}, "operations")

    assert outcome.error is None
    assert alveno.requests[0].path == f"{BASE}/operations"
