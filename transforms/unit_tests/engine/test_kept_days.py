"""Days that HR's records no longer say, and spells that a bridged gap joins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from .conftest import Engine, person

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2026, 12, 31)


def waiting(number: int, **fields: Any) -> dict[str, Any]:
    """Somebody with an account of whom HR's records say less than before."""
    return person(
        number, account_key="*", desired_state="update_only", reason="no_employment", **fields
    )


def test_a_field_of_which_hr_says_nothing_stays_and_the_others_are_sent(engine: Engine) -> None:
    engine.first_night(person(1, valid_from=FIRST, valid_to=LAST))
    engine.mart(waiting(1, first_name="Eva", kept_fields=["valid_from", "valid_to"]))
    engine.night()
    (account,) = engine.vendor.held.values()
    assert account.fields["first_name"] == "Eva"
    assert (account.fields["valid_from"], account.fields["valid_to"]) == (FIRST, LAST)
    # The control: an end that HR has emptied is emptied.
    engine.mart(person(1, first_name="Eva", valid_from=FIRST))
    engine.night()
    (account,) = engine.vendor.held.values()
    assert (account.fields["valid_from"], account.fields["valid_to"]) == (FIRST, None)


@pytest.mark.parametrize(("ended", "back"), [("2026-02-20", True), ("2026-02-24", False)])
def test_an_account_that_others_ended_comes_back_for_an_employment_that_is_newer(
    engine: Engine, ended: str, back: bool
) -> None:
    """Also within one spell: a bridged gap is no reason to leave a rehire without an account."""
    engine.first_night(person(1))
    engine.connection.execute(
        "update sync.ledger set state = 'inactive', ended_by = 'other', ended_on = ?", [ended]
    )
    engine.vendor.held["1"] = replace(engine.vendor.held["1"], is_active=False)
    engine.mart(person(1, unbroken_since_on=dt.date(2026, 2, 24)))
    engine.plan()
    assert engine.operations() == {("p0001", "A"): "reactivate" if back else "none"}


def test_nobody_is_invited_again_because_two_spells_became_one(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="all_not_yet_invited")
    engine.first_night(person(1, spell_starts_on=dt.date(2026, 2, 1)))
    engine.night()
    engine.mart(person(1, spell_starts_on=dt.date(2025, 1, 1)))
    engine.plan()
    assert engine.operations() == {("p0001", "A"): "none"}
    # Nor because the first day was corrected; a new spell is one that begins after the end.
    engine.mart(person(1, spell_starts_on=dt.date(2026, 3, 1)))
    engine.plan()
    assert engine.operations() == {("p0001", "A"): "none"}
    engine.connection.execute(
        "update sync.ledger set state = 'inactive', ended_by = 'us', ended_on = '2026-03-02'"
    )
    engine.vendor.held["1"] = replace(engine.vendor.held["1"], is_active=False)
    engine.mart(person(1, spell_starts_on=dt.date(2026, 3, 9)))
    engine.plan()
    assert engine.connection.execute(
        "select operation, invites from temp.plan_planned where account_key = 'A'"
    ).fetchall() == [("reactivate", True)]
