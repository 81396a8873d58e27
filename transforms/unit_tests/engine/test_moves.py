"""A move is one row (person, from, to): `from` ends when `to` is known to be active, whatever `to` is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import ConfigError, RejectedError
from people_transforms.planning.reversal import request

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)

STAYS = person(2)
Places = dict[str, bool]


def places(engine: Engine, who: str = "p0001") -> Places:
    """Where the person's accounts are, and which are active."""
    return {
        account.account_key: account.is_active
        for account in engine.vendor.held.values()
        if account.external_id == f"x-{who}"
    }


def by_hand(engine: Engine, account_key: str, *, is_active: bool) -> None:
    """Somebody ends or revives the account of p0001 at the vendor."""
    (found,) = [
        account
        for account in engine.vendor.held.values()
        if account.external_id == "x-p0001" and account.account_key == account_key
    ]
    engine.vendor.held[found.account_id] = replace(found, is_active=is_active)


def at(*keys: str) -> list[dict[str, object]]:
    """HR has p0001 at these places, and somebody else as ever."""
    return [*(person(1, account_key=key) for key in keys), STAYS]


def test_an_account_is_kept_while_the_target_was_ended_by_hand(engine: Engine) -> None:
    engine.first_night(*at("A", "B"))
    by_hand(engine, "B", is_active=False)
    engine.mart(*at("B"))
    engine.night()
    assert places(engine) == {"A": True, "B": False}
    assert engine.held() == {"p0001": "move_waits"}
    with pytest.raises(ConfigError):
        engine.approve()
    engine.next_night()
    assert places(engine) == {"A": True, "B": False}, "no approval leaves anybody with nothing"
    # What ends the hold: the account is active again at the vendor.
    by_hand(engine, "B", is_active=True)
    engine.next_night()
    assert places(engine) == {"A": False, "B": True}


def test_an_account_is_kept_while_the_target_is_gone_from_the_list(engine: Engine) -> None:
    engine.first_night(*at("A", "B"))
    engine.vendor.held = {
        key: account for key, account in engine.vendor.held.items() if account.account_key == "A"
    }
    engine.mart(*at("B"))
    engine.night()
    assert places(engine) == {"A": True}
    assert engine.held() == {"p0001": "move_waits"}


def test_an_account_that_was_moved_away_from_and_then_ended_by_hand_is_no_target(
    engine: Engine,
) -> None:
    engine.first_night(*at("B"))
    engine.mart(*at("A"))
    engine.night()
    assert places(engine) == {"A": True, "B": False}
    engine.connection.execute(
        "update sync.ledger set ended_by = 'other' where person_id = 'p0001' and account_key = 'B'"
    )
    engine.mart(*at("B"))
    engine.night()
    assert places(engine) == {"A": True, "B": False}
    assert engine.held() == {"p0001": "move_waits"}


def test_an_account_is_kept_while_the_target_is_an_old_unmanaged_one(engine: Engine) -> None:
    engine.first_night(*at("A"))
    fields = {"first_name": "Jana", "email": "p1@example.cz"}
    engine.vendor.held["90"] = Account("B", "90", False, None, "2025-06-30", fields=fields)
    engine.mart(*at("B"))
    engine.night()
    assert places(engine) == {"A": True}
    assert not engine.vendor.held["90"].is_active
    assert engine.held() == {"p0001": "move_waits"}
    # Somebody revives it at the vendor: it is taken over, and only then the old one ends.
    engine.vendor.held["90"] = replace(engine.vendor.held["90"], is_active=True)
    engine.next_night()
    assert places(engine) == {"A": False, "B": True}


def test_a_move_to_an_account_that_is_active_ends_the_old_one(engine: Engine) -> None:
    """The control: the target is there, only checked, changed, taken over or brought back."""
    engine.first_night(*at("A", "B"))
    engine.mart(*at("B"))
    engine.night()
    assert places(engine) == {"A": False, "B": True}
    engine.mart(person(1, account_key="A", first_name="Eva"), STAYS)
    engine.night()
    assert places(engine) == {"A": True, "B": False}
    engine.mart(*at("A", "B"))
    engine.night()
    engine.mart(person(1, account_key="B", first_name="Iva"), STAYS)
    engine.night()
    assert places(engine) == {"A": False, "B": True}


def test_where_hr_names_nobody_anywhere_the_account_ends(engine: Engine) -> None:
    """The control: no move, so nothing is waited for."""
    engine.first_night(*at("A"))
    engine.mart(
        person(1, account_key="*", desired_state="ended", leaving_kind="routed_away"), STAYS
    )
    engine.night()
    assert places(engine) == {"A": False}


@pytest.mark.parametrize("wish", ["untouched", "update_only"])
def test_who_is_neither_wanted_nor_ended_at_the_new_place_keeps_the_old_account(
    engine: Engine, wish: str
) -> None:
    engine.first_night(*at("A"))
    engine.mart(person(1, account_key="B", desired_state=wish), STAYS)
    engine.night()
    assert places(engine) == {"A": True}
    assert engine.held() == {"p0001": "move_waits"}


def test_of_several_targets_all_that_are_new_are_waited_for(engine: Engine) -> None:
    engine.first_night(*at("A"))
    engine.mart(*at("B"))
    engine.vendor.failures[("create", "x-p0001")] = [RejectedError("No.", cause="422", field=None)]
    engine.night()
    assert places(engine) == {"A": True}


def undone_move(engine: Engine) -> None:
    engine.first_night(*at("A"))
    engine.mart(*at("B"))
    engine.night()
    assert places(engine) == {"A": False, "B": True}
    request(engine.connection, f"run-{engine.runs:03}")


def test_the_undo_of_a_move_that_the_old_place_refuses_leaves_the_new_account(
    engine: Engine,
) -> None:
    undone_move(engine)
    engine.vendor.failures[("activate", "x-p0001")] = [
        RejectedError("No.", cause="422", field=None)
    ]
    engine.night()
    assert places(engine) == {"A": False, "B": True}
    engine.next_night()
    assert places(engine) == {"A": False, "B": True}, "the refused half waits, so does the other"


def test_the_undo_of_a_move_whose_old_account_is_gone_leaves_the_new_one(engine: Engine) -> None:
    undone_move(engine)
    engine.connection.execute("delete from sync.ledger where account_key = 'A'")
    engine.vendor.held = {
        key: account
        for key, account in engine.vendor.held.items()
        if account.account_key == "B" or account.external_id != "x-p0001"
    }
    engine.night()
    assert places(engine) == {"B": True}
    assert engine.held() == {"p0001": "move_waits"}


def test_the_undo_of_a_move_brings_the_old_account_back_before_it_ends_the_new(
    engine: Engine,
) -> None:
    """The control, and the undo of a newcomer, who has nothing to come back to."""
    undone_move(engine)
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == [("activate", "x-p0001"), ("deactivate", "x-p0001")]
    assert places(engine) == {"A": True, "B": False}
    engine.mart(*at("B"), person(3))
    engine.next_night()
    request(engine.connection, f"run-{engine.runs:03}")
    engine.next_night()
    assert places(engine, "p0003") == {"A": False}
