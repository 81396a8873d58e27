"""Nights: what changes, that it is reproducible, and that Loket's version numbers show it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.errors import WrongRequestError
from people_sandbox.loket.world import LoketWorld
from people_sandbox.nights import KINDS, let_pass, parse_night
from people_sandbox.population import World

AS_OF = date(2026, 3, 2)


def _worlds(size: int = 60) -> list[LoketWorld | AlvenoWorld]:
    return [LoketWorld(World(7, size, 2, AS_OF)), AlvenoWorld(World(7, size, 1, AS_OF))]


def _night(worlds: list[LoketWorld | AlvenoWorld], **asked: Any) -> list[dict[str, Any]]:
    return let_pass(parse_night(asked, 60, AS_OF, 0), worlds)


def test_the_same_night_twice_changes_the_same() -> None:
    first, second, other = _worlds(), _worlds(), _worlds()
    assert _night(first) == _night(second)
    assert [world.snapshot() for world in first] == [world.snapshot() for world in second]
    assert _night(other, seed=5) != _night(_worlds())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_happens_as_often_as_asked(kind: str) -> None:
    changed = _night(_worlds(), **{kind: 2})
    assert [(row["vendor"], row["kind"]) for row in changed] == [("loket", kind)] * 2 + [
        ("alveno", kind)
    ] * 2
    assert len({row["id"] for row in changed}) == 4


def test_a_night_without_counts_is_an_ordinary_one() -> None:
    kinds = {row["kind"] for row in _night(_worlds())}
    assert kinds == set(KINDS) - {"backdated_ends"}
    assert parse_night({}, 60, AS_OF, 3).as_of == date(2026, 3, 3)


def test_a_leaver_ended_yesterday_and_a_backdated_one_earlier() -> None:
    worlds = _worlds()
    loket = worlds[0]
    [leaver, late] = [
        row for row in _night(worlds, leavers=1, backdated_ends=1) if row["vendor"] == "loket"
    ]

    def ends(person: str) -> list[str]:
        return [
            row["endDate"]
            for row in loket.snapshot()["employments"]
            if row["employee"]["id"] == person
        ]

    assert max(ends(leaver["id"])) == "2026-03-02"
    assert max(ends(late["id"])) < "2026-02-24"


def test_a_joiner_starts_tonight_with_the_flag_and_a_rehire_keeps_the_employee() -> None:
    worlds = _worlds()
    before = len(worlds[0].snapshot()["employees"])
    changed = [row for row in _night(worlds, joiners=1, rehires=1) if row["vendor"] == "loket"]
    world = worlds[0].snapshot()
    assert len(world["employees"]) == before + 1
    starts = {row["id"]: (row["employee"]["id"], row["startDate"]) for row in world["employments"]}
    for row in changed:
        assert starts[row["employment_id"]] == (row["id"], "2026-03-03")
    [joiner] = [row["id"] for row in changed if row["kind"] == "joiners"]
    assert [
        row["value"] for row in world["employee_custom_fields"] if row["employee_id"] == joiner
    ] == ["TRUE"]


def test_a_move_ends_here_and_starts_there() -> None:
    worlds = _worlds()
    [loket, alveno] = _night(worlds, moves=1)
    world = worlds[0].snapshot()
    there = next(row for row in world["employees"] if row["id"] == loket["new_id"])
    here = next(row for row in world["employees"] if row["id"] == loket["id"])
    assert there["employer_id"] == loket["new_employer_id"] != here["employer_id"]
    assert there["contactInformation"] == here["contactInformation"]
    notes = {str(row["EmployeeID"]): row["Note"] for row in worlds[1].snapshot()["employees"]}
    assert notes[alveno["id"]] == f"LDID: {alveno['new_client_id']}"
    assert alveno["new_client_id"] != alveno["old_client_id"]


def test_version_numbers_rise_where_something_changed_and_only_there() -> None:
    worlds = _worlds()
    loket = worlds[0]
    assert isinstance(loket, LoketWorld)
    [change] = [row for row in _night(worlds, changes=1) if row["vendor"] == "loket"]
    assert set(loket.employer_versions) == {change["employer_id"]}
    employments = loket.table("employments").ids("employee.id", change["id"])
    assert set(loket.employment_versions) == set(employments)
    first = loket.employer_versions[change["employer_id"]]
    let_pass(parse_night({"leavers": 3}, 60, date(2026, 3, 3), 1), worlds)
    assert max(loket.employer_versions.values()) > first


def test_a_changed_name_shows_in_the_employments_too() -> None:
    worlds = _worlds()
    key = worlds[0].table("employees").ids()[0]
    worlds[0].patch("employees", key, {"personalDetails": {"lastName": "Nieuw"}})
    names = {
        row["employee"]["lastName"]
        for row in worlds[0].snapshot()["employments"]
        if row["employee"]["id"] == key
    }
    assert names == {"Nieuw"}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(WrongRequestError, match="joiner"):
        parse_night({"joiner": 1}, 60, AS_OF, 0)
