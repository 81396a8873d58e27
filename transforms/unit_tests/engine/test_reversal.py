"""Undoing a night: the inverse through the same gate, until HR says something new."""

from __future__ import annotations

import datetime as dt

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import ConfigError
from people_transforms.planning.reversal import request

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)


def state(engine: Engine) -> dict[str | None, tuple[bool, dict[str, object]]]:
    return {
        account.external_id: (
            account.is_active,
            {name: value for name, value in account.fields.items() if value is not None},
        )
        for account in engine.vendor.held.values()
    }


def test_a_night_is_undone_and_stays_undone_until_hr_changes_something(engine: Engine) -> None:
    others = [person(n) for n in range(10, 30)]
    engine.first_night(person(1, chip_number="C1"), person(2), *others)
    before = state(engine)
    engine.mart(
        person(1, account_key="*", desired_state="ended", leaving_kind="ended", chip_number="C1"),
        person(2, first_name="Eva"),
        person(3),
        *others,
    )
    engine.night()
    undone = f"run-{engine.runs:03}"
    assert state(engine) != before
    assert request(engine.connection, undone) == {"create": 1, "deactivate": 1, "update": 1}
    engine.night()
    after = state(engine)
    assert after.pop("x-p0003")[0] is False
    assert after == before
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []
    # HR says something new of one person: that one follows HR again, the others stay.
    engine.mart(
        person(1, account_key="*", desired_state="ended", leaving_kind="ended", chip_number="C1"),
        person(2, first_name="Iva"),
        person(3),
        *others,
    )
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0002")]


def test_a_large_undo_is_held_like_any_other_plan(engine: Engine) -> None:
    engine.first_night(*(person(n) for n in range(1, 11)))
    request(engine.connection, "run-002")
    engine.night()
    assert engine.vendor.calls == []
    assert [hold.kind for hold in engine.holds] == ["removals"]
    engine.approve()
    engine.night()
    assert len(engine.vendor.calls) == 10


def test_a_run_without_deliveries_cannot_be_undone(engine: Engine) -> None:
    engine.first_night(person(1))
    with pytest.raises(ConfigError, match="run-002"):
        request(engine.connection, "run-001")


def gone(number: int, **more: object) -> dict[str, object]:
    return person(number, account_key="*", desired_state="ended", leaving_kind="ended", **more)


OTHERS = [person(n) for n in range(10, 30)]


def names(engine: Engine) -> dict[str | None, object]:
    return {
        account.external_id: account.fields.get("first_name")
        for account in engine.vendor.held.values()
        if account.external_id and account.external_id < "x-p0010"
    }


def active(engine: Engine) -> set[str | None]:
    return {
        account.external_id
        for account in engine.vendor.held.values()
        if account.is_active and (account.external_id or "") < "x-p0010"
    }


def nights(engine: Engine, *rows: dict[str, object]) -> str:
    engine.mart(*rows, *OTHERS)
    engine.next_night()
    return f"run-{engine.runs:03}"


def test_a_value_that_hr_changed_again_since_is_not_undone(engine: Engine) -> None:
    engine.first_night(person(1), person(2), *OTHERS)
    undone = nights(engine, person(1, first_name="Eva"), person(2, first_name="Eva"))
    nights(engine, person(1, first_name="Iva"), person(2, first_name="Eva"))
    request(engine.connection, undone)
    engine.next_night()
    assert names(engine) == {"x-p0001": "Iva", "x-p0002": "Jana"}


def test_an_end_of_a_later_night_is_not_undone_with_an_earlier_one(engine: Engine) -> None:
    engine.first_night(person(1), person(2), *OTHERS)
    undone = nights(engine, gone(1), gone(2))
    nights(engine, person(1), gone(2))
    nights(engine, gone(1), gone(2))
    request(engine.connection, undone)
    engine.next_night()
    assert active(engine) == {"x-p0002"}


def test_an_account_that_a_later_night_gave_back_is_not_ended_by_an_undo(engine: Engine) -> None:
    engine.first_night(*OTHERS)
    undone = nights(engine, person(1), person(2))
    nights(engine, gone(1), person(2))
    nights(engine, person(1, spell_starts_on=engine.as_of), person(2))
    request(engine.connection, undone)
    engine.next_night()
    assert active(engine) == {"x-p0001"}


def test_what_hr_says_new_before_the_undo_is_carried_out_counts(engine: Engine) -> None:
    engine.first_night(person(1), person(2), *OTHERS)
    undone = nights(engine, person(1, first_name="Eva"), person(2, first_name="Eva"))
    request(engine.connection, undone)
    nights(engine, gone(1), person(2, first_name="Eva"))
    assert active(engine) == {"x-p0002"}
    assert names(engine)["x-p0002"] == "Jana"
    engine.next_night()
    assert active(engine) == {"x-p0002"}


def test_the_undo_of_a_taken_over_account_does_not_end_what_others_gave(engine: Engine) -> None:
    engine.first_night(*OTHERS)
    values = {"first_name": "Jana", "email": "p1@example.cz", "chip_number": "7"}
    engine.vendor.held["s1"] = Account("A", "s1", True, fields=values)
    undone = nights(engine, person(1, chip_number="8"))
    assert engine.vendor.held["s1"].external_id == "x-p0001"
    request(engine.connection, undone)
    for _ in range(2):
        engine.next_night()
        assert engine.vendor.held["s1"].is_active
        assert engine.vendor.held["s1"].fields["chip_number"] == "7"
    nights(engine, gone(1))
    assert not engine.vendor.held["s1"].is_active


def test_an_ended_account_that_was_taken_over_ends_again_with_an_undo(engine: Engine) -> None:
    engine.first_night(*OTHERS)
    values = {"first_name": "Jana", "email": "p1@example.cz"}
    engine.vendor.held["s1"] = Account("A", "s1", False, ended_on="2025-06-30", fields=values)
    undone = nights(engine, person(1, spell_starts_on=dt.date(2026, 1, 1)))
    assert engine.vendor.held["s1"].is_active
    request(engine.connection, undone)
    engine.next_night()
    assert not engine.vendor.held["s1"].is_active


def test_two_nights_are_undone_the_later_first(engine: Engine) -> None:
    engine.first_night(person(1), *OTHERS)
    first = nights(engine, person(1, first_name="Eva"))
    second = nights(engine, person(1, first_name="Iva"))
    request(engine.connection, second)
    engine.next_night()
    assert names(engine) == {"x-p0001": "Eva"}
    request(engine.connection, first)
    engine.next_night()
    assert names(engine) == {"x-p0001": "Jana"}
    engine.vendor.calls.clear()
    engine.next_night()
    assert engine.vendor.calls == []


def test_a_hold_for_somebody_elses_account_outlives_an_undo(engine: Engine) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2), *OTHERS)
    undone = nights(engine, person(1, chip_number="C2"), person(2))
    nights(engine, person(1, chip_number="C2"), person(2, chip_number="C1"))
    request(engine.connection, undone)
    engine.next_night()
    chips = {
        account.external_id: account.fields.get("chip_number")
        for account in engine.vendor.held.values()
        if (account.external_id or "") < "x-p0010"
    }
    assert chips == {"x-p0001": "C2", "x-p0002": "C1"}
