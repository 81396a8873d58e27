"""The Alveno server: plain arrays, WCF dates, HTML errors, and the HR API."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from people_sandbox import Sandbox
from people_sandbox.alveno.dates import wcf_date

PRAGUE = ZoneInfo("Europe/Prague")


def _day(wire: str) -> str:
    found = re.fullmatch(r"/Date\((-?\d+)([+-]\d{4})?\)/", wire)
    assert found, wire
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found.group(1))))
        .astimezone(PRAGUE)
        .date()
        .isoformat()
    )


def test_lists_are_plain_arrays_with_escaped_dates(box: Sandbox, alveno: Any) -> None:
    answer = alveno.get("/workloads")
    rows, world = answer.json(), box.world("alveno")["workloads"]
    assert rb"\/Date(" in answer.content and b'"/Date(' not in answer.content
    assert [list(row) for row in rows] == [list(row) for row in world]
    assert [_day(row["DateFrom"]) for row in rows] == [row["DateFrom"] for row in world]


def test_a_missing_end_is_null_or_year_1_or_year_9999(box: Sandbox, alveno: Any) -> None:
    open_ends = [
        wire["DateTo"]
        for wire, row in zip(
            alveno.get("/workloads").json(), box.world("alveno")["workloads"], strict=True
        )
        if row["DateTo"] is None
    ]
    assert set(open_ends) == {None, "/Date(-62135596800000)/", "/Date(253402300799999)/"}
    box.settings("alveno", null_dates="null")
    plain = [row["DateTo"] for row in alveno.get("/workloads").json()]
    box.settings("alveno", null_dates="mixed")
    assert None in plain and not any(value and "253402300799999" in value for value in plain)


@pytest.mark.parametrize(
    ("day", "wire"),
    [
        ("2025-01-01", "/Date(1735686000000+0100)/"),
        ("2025-07-01", "/Date(1751320800000+0200)/"),
        ("2025-03-30", "/Date(1743289200000+0100)/"),
        ("2025-03-31", "/Date(1743372000000+0200)/"),
        ("1969-12-31", "/Date(-90000000+0100)/"),
    ],
)
def test_a_day_is_midnight_in_prague(day: str, wire: str) -> None:
    assert wcf_date(day) == wire
    assert _day(wire) == day


def test_a_date_that_is_only_text_in_a_note_stays_text(box: Sandbox, alveno: Any) -> None:
    key = box.world("alveno")["employees"][12]["EmployeeID"]
    box.patch("alveno", "employees", key, Note="2026-01-01")
    assert alveno.get("/employees").json()[12]["Note"] == "2026-01-01"


def test_errors_are_html_whatever_was_asked(alveno: Any) -> None:
    wrong = alveno.get("/employees", headers={"AuthorizationToken": "wrong"})
    missing = alveno.get("/nothing")
    assert (wrong.status_code, missing.status_code) == (401, 404)
    assert {answer.headers["content-type"].split(";")[0] for answer in (wrong, missing)} == {
        "text/html"
    }


def test_echo_answers_without_looking_at_the_token(alveno: Any) -> None:
    answer = alveno.send("POST", "/echo", data='"test"', headers={"AuthorizationToken": "wrong"})
    assert (answer.status_code, answer.json()) == (200, "test")


def test_the_hr_api_pages_and_leaves_out_note_and_chip(box: Sandbox) -> None:
    known = box.control()["alveno"]
    base, headers = f"{known['hr_api_url']}/v1/{known['tenant']}", {"X-API-Key": known["hr_key"]}
    found: list[dict[str, Any]] = []
    while True:
        body = requests.get(
            f"{base}/employees",
            params={"offset": len(found), "limit": 25},
            headers=headers,
            timeout=20,
        ).json()
        found += body["items"]
        if body["offset"] + len(body["items"]) >= body["totalCount"]:
            break
    world = box.world("alveno")["employees"]
    assert [row["personalNumber"] for row in found] == [row["PersonalID"] for row in world]
    assert not {"note", "chip", "endDate"} & set(found[0])
    assert {row["isActive"] for row in found} == {True, False}
    assert (
        requests.get(f"{base}/employees", headers={"X-API-Key": "wrong"}, timeout=20).status_code
        == 401
    )
    assert requests.get(f"{base}/echo?message=test", headers=headers, timeout=20).json() == {
        "message": "test"
    }
