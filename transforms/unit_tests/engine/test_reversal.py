"""Undoing a night: the inverse through the same gate, until HR says something new."""

from __future__ import annotations

import pytest
from people_transforms.errors import ConfigError
from people_transforms.planning.reversal import request

from .conftest import Engine, person


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
