"""Who lives in the sandbox: the same people for the same seed, with the oddities HR has."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.loket.world import LoketWorld
from people_sandbox.population import World, chip, note, person

AS_OF = date(2026, 3, 2)


def _loket(size: int, seed: int = 7, employers: int = 2) -> dict[str, list[dict[str, Any]]]:
    return LoketWorld(World(seed, size, employers, AS_OF)).snapshot()


def _alveno(size: int, seed: int = 7) -> dict[str, list[dict[str, Any]]]:
    return AlvenoWorld(World(seed, size, 1, AS_OF)).snapshot()


@pytest.fixture(scope="module")
def many() -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[dict[str, Any]]]]:
    return _loket(2000), _alveno(2000)


def test_a_seed_makes_the_same_world_and_another_seed_another() -> None:
    assert json.dumps(_loket(40)) == json.dumps(_loket(40))
    assert json.dumps(_alveno(40)) == json.dumps(_alveno(40))
    assert _loket(40) != _loket(40, seed=8)
    assert _alveno(40) != _alveno(40, seed=8)


@pytest.mark.parametrize("size", [10, 60])
def test_a_small_loket_has_the_cases_every_demonstration_needs(size: int) -> None:
    world = _loket(size)
    ids = [row["id"] for row in world["employees"]]
    flags = {
        row["employee_id"]: row["value"]
        for row in world["employee_custom_fields"]
        if row["customField"]["description"] == "alleo_access"
    }
    of_employment = {row["employment_id"] for row in world["employment_custom_fields"]}
    employments = {row["employee"]["id"]: row for row in world["employments"]}
    assert len(ids) == size
    assert flags[ids[1]] == "FALSE"
    assert ids[2] not in flags and employments[ids[2]]["id"] in of_employment
    assert AS_OF < date.fromisoformat(employments[ids[3]]["endDate"]) <= AS_OF + timedelta(days=7)
    assert employments[ids[4]]["startDate"] > AS_OF.isoformat()
    emails = [row["contactInformation"]["businessEmailAddress"] for row in world["employees"]]
    assert emails[6] == emails[5]


@pytest.mark.parametrize("size", [10, 60])
def test_a_small_alveno_has_the_cases_every_demonstration_needs(size: int) -> None:
    world = _alveno(size)
    notes = [row["Note"] for row in world["employees"]]
    assert notes[1] == "LDID: 0" and notes[2] == "LDID: 32567, 32568" and notes[8] is None
    ends = {row["EmployeeID"]: row["DateTo"] for row in world["workloads"]}
    assert AS_OF.isoformat() < ends[104] <= (AS_OF + timedelta(days=7)).isoformat()
    assert {"0012", "12"} <= {row["PersonalID"] for row in world["employees"]} or size < 12


def test_ids_are_unique_and_links_lead_somewhere(many: Any) -> None:
    loket, alveno = many
    for name in (
        "employees",
        "employments",
        "employee_custom_fields",
        "employment_custom_fields",
        "leave_balances",
    ):
        assert max(Counter(row["id"] for row in loket[name]).values()) == 1, name
    employees = {row["id"]: row["employer_id"] for row in loket["employees"]}
    employments = {row["id"] for row in loket["employments"]}
    assert all(
        employees[row["employee"]["id"]] == row["employer_id"] for row in loket["employments"]
    )
    assert all(
        employees[row["employee_id"]] == row["employer_id"]
        for row in loket["employee_custom_fields"]
    )
    assert all(row["employment_id"] in employments for row in loket["employment_custom_fields"])
    assert {row["id"] for row in loket["leave_balances"]} == employments
    assert {row["EmployeeID"] for row in alveno["workloads"]} == {
        row["EmployeeID"] for row in alveno["employees"]
    }


def test_people_have_the_oddities_hr_has(many: Any) -> None:
    loket, alveno = many
    details = [row["personalDetails"] for row in loket["employees"]]
    texts = [f"{row['firstName']} {row['lastName']}" for row in details] + [
        f"{row['Firstname']} {row['Lastname']}" for row in alveno["employees"]
    ]
    assert any(ord(letter) > 127 for text in texts[:2000] for letter in text)
    assert any(letter in text for text in texts[2000:] for letter in "řžťľ")
    assert any("\u030c" in text for text in texts), "somebody's letters should be decomposed"
    assert {"van", "van der", "'t"} <= {row["prefix"] for row in details}
    assert any(row["firstName"] is None for row in details)
    emails = [row["contactInformation"]["businessEmailAddress"] for row in loket["employees"]]
    assert 0 < emails.count(None) < 300
    assert max(Counter(email for email in emails if email).values()) == 2
    assert all(email.endswith("@example.nl") for email in emails if email)
    assert 1.2 < len(loket["employments"]) / len(loket["employees"]) < 1.5
    chips = Counter(row["ChipNumber"].strip() for row in alveno["employees"] if row["ChipNumber"])
    assert max(chips.values()) == 2


def test_fields_are_typed_the_way_people_type(many: Any) -> None:
    loket, alveno = many
    values = Counter(
        row["value"]
        for row in loket["employee_custom_fields"]
        if row["customField"]["description"] == "alleo_access"
    )
    assert values["TRUE"] > 500 and {"True ", "ja", "FALSE", "nee", "TREU"} <= set(values)
    budgets = {
        row["value"]
        for row in loket["employee_custom_fields"]
        if "budget" in row["customField"]["description"]
    }
    assert {"50,00", "1.250,00", "1.250", "vijftig"} <= budgets
    notes = [row["Note"] for row in alveno["employees"]]
    assert (
        None in notes
        and any(text and "\u00a0" in text for text in notes)
        and any(text and "oLDID" in text for text in notes)
    )
    assert (
        0.5 < sum(1 for text in notes if text and text.startswith("LDID: 325")) / len(notes) < 0.9
    )


def test_most_people_work_here_today(many: Any) -> None:
    loket, _ = many
    today = AS_OF.isoformat()
    current = {
        row["employee"]["id"]
        for row in loket["employments"]
        if row["startDate"] <= today and (row["endDate"] or "9999") >= today
    }
    assert 0.85 < len(current) / 2000 < 0.98
    assert all(
        row["endDate"] is None or row["endDate"] >= row["startDate"] for row in loket["employments"]
    )


def test_any_person_of_a_million_is_drawn_without_the_others() -> None:
    world = World(7, 1_000_000, 40, AS_OF)
    last = person(world, "nl", 999_999)
    assert (last.employer, last.index) == (39, 999_999)
    assert person(World(7, 1_000_000, 40, AS_OF), "nl", 999_999) == last
    czech = person(world, "cz", 999_999)
    assert (
        czech.prefix is None
        and note(czech) == note(person(world, "cz", 999_999))
        and chip(czech) == chip(czech)
    )
