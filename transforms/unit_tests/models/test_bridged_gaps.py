"""`bridge_gap_days`: between two contracts that follow each other closely an account stays."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.few(4)

# The contract ends on Friday 27 February; these are the days after it.
FRIDAY, SATURDAY, SUNDAY, MONDAY = "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"
STAYS = [("*", "update_only", "gap_bridged")]
ENDS = [("*", "ended", "between_employments")]
BOTH = pytest.mark.parametrize("vendor", ["alleo", "lunchdrive"])


def pair_of(world: Any, vendor: str, **settings: Any) -> Any:
    return world({"alleo": "loket", "lunchdrive": "alveno"}[vendor], vendor, **settings)


@BOTH
def test_a_weekend_between_two_contracts_ends_nobody(world: Any, vendor: str) -> None:
    pair = pair_of(world, vendor)
    pair.person("P1", start="2024-01-01", end=FRIDAY)
    pair.employment("P1", MONDAY)
    # The control: somebody with the same last day and nothing after it leaves.
    pair.person("P2", start="2024-01-01", end=FRIDAY)
    for day, state in ((FRIDAY, "active"), (SUNDAY, "update_only"), (MONDAY, "active")):
        pair.build(day)
        assert pair.account("P1")["desired_state"] == state, day
        assert pair.account("P1")["spell_starts_on"].isoformat() == "2024-01-01"
    pair.build(SATURDAY)
    assert pair.states("P1") == STAYS
    assert pair.states("P2") == [("*", "ended", "employment_ended")]
    assert pair.codes("P1") == []


@BOTH
@pytest.mark.parametrize(
    ("setting", "next_start", "stays"),
    [
        (7, "2026-03-06", True),
        (7, "2026-03-07", False),
        (3, "2026-03-02", True),
        (3, "2026-03-03", False),
        (1, "2026-03-01", False),
        (0, "2026-03-01", False),
        (60, "2026-04-28", True),
    ],
)
@pytest.mark.some(2)
def test_the_setting_counts_days_from_the_last_day_to_the_first(
    world: Any, vendor: str, setting: int, next_start: str, stays: bool
) -> None:
    pair = pair_of(world, vendor, bridge_gap_days=setting)
    pair.person("P1", start="2024-01-01", end=FRIDAY)
    pair.employment("P1", next_start)
    pair.build(SATURDAY)
    assert pair.states() == (STAYS if stays else ENDS)


@BOTH
@pytest.mark.long
def test_a_gap_over_several_contracts_is_one_spell(world: Any, vendor: str) -> None:
    pair = pair_of(world, vendor)
    pair.person("P1", start="2024-01-01", end="2026-02-20")
    pair.employment("P1", "2026-02-23", FRIDAY)
    pair.employment("P1", MONDAY, "2026-03-06")
    pair.employment("P1", "2026-03-09", "2026-03-31")
    for day in ("2026-02-21", "2026-02-22", SATURDAY, SUNDAY, "2026-03-07", "2026-03-08"):
        pair.build(day)
        assert pair.states() == STAYS, day
        assert pair.account()["ends_on"].isoformat() == "2026-03-31"
    pair.build("2026-04-01")
    assert pair.states() == [("*", "ended", "employment_ended")]


@BOTH
def test_what_ends_somebody_anyway_ends_also_in_a_gap(world: Any, vendor: str) -> None:
    pair = pair_of(world, vendor)
    values = {"death_on": SATURDAY} if vendor == "alleo" else {"note": "LDID: 0"}
    pair.person("P1", start="2024-01-01", end=FRIDAY, **values)
    pair.employment("P1", MONDAY)
    pair.build(SATURDAY)
    state = ("ended", "deceased") if vendor == "alleo" else ("untouched", "ldid_zero")
    assert pair.states() == [("*", *state)]


def test_lunchdrive_is_told_the_end_of_the_spell_and_keeps_the_first_day(single: Any) -> None:
    single.person("P1", start="2024-01-01", end=FRIDAY)
    single.employment("P1", "2025-01-01", FRIDAY)
    single.employment("P1", MONDAY, "2026-12-31")
    told = {}
    for day in (FRIDAY, SATURDAY, MONDAY):
        single.build(day)
        row = single.account()
        told[day] = (str(row["valid_from"]), str(row["valid_to"]), row["kept_fields"])
    assert told == {
        FRIDAY: ("2024-01-01", "2026-12-31", []),
        SATURDAY: ("None", "2026-12-31", ["valid_from"]),
        MONDAY: ("2026-03-02", "2026-12-31", []),
    }


def test_a_contract_without_end_after_the_gap_leaves_the_last_day_open(single: Any) -> None:
    single.person("P1", start="2024-01-01", end=FRIDAY)
    single.employment("P1", MONDAY)
    single.build(FRIDAY)
    assert single.account()["valid_to"] is None


def test_what_is_no_contract_bridges_nothing(single: Any) -> None:
    single.person("P1", start="2024-01-01", end=FRIDAY)
    # An end before the start: a slip, which neither bridges nor ends.
    single.employment("P1", "2026-03-05", "2026-03-02")
    single.person("P2", start=MONDAY)
    single.build(SATURDAY)
    assert single.states("P1") == [("*", "update_only", "ends_before_start")]
    assert single.states("P2") == [("*", "update_only", "starts_later")]
