"""A run that is cut off between the vendor's doing and our noting it; HR may change its mind since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from people_transforms.errors import GoneError, RetryableError

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)


class Killed(BaseException):
    """Stands for kill -9 right after the vendor carried a call out."""

    committed = True


def cut_off(engine: Engine, operation: str, who: str) -> None:
    engine.vendor.failures[(operation, who)] = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        engine.night()
    engine.vendor.calls.clear()


def ended(number: int, **fields: Any) -> dict[str, Any]:
    return person(number, account_key="*", desired_state="ended", leaving_kind="ended", **fields)


def test_an_update_that_was_cut_off_is_undone_when_hr_changed_back(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(person(1, first_name="Eva"), person(2))
    cut_off(engine, "update", "x-p0001")
    engine.mart(person(1), person(2))
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0001")]
    assert engine.vendor.held["1"].fields["first_name"] == "Jana"
    engine.vendor.calls.clear()
    reads = engine.vendor.lists_read
    engine.night()
    assert engine.vendor.calls == []
    assert engine.vendor.lists_read == reads, "what was looked up once is settled"


def test_a_leaver_who_was_cut_off_and_stays_after_all_is_active_again(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(ended(1), person(2))
    cut_off(engine, "deactivate", "x-p0001")
    assert not engine.vendor.held["1"].is_active
    engine.mart(person(1), person(2))
    engine.night()
    assert engine.vendor.held["1"].is_active


def test_an_account_created_in_a_cut_run_for_somebody_removed_since_is_known(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(person(1), person(2))
    engine.mart(person(1), person(2), person(3))
    cut_off(engine, "create", "x-p0003")
    engine.mart(person(1), person(2))
    engine.night()
    engine.next_night()
    assert not engine.vendor.held["3"].is_active, "absent on two days"


def test_a_chip_given_up_in_a_cut_move_comes_back_when_the_move_is_called_off(
    engine: Engine,
) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2))
    engine.mart(person(1, chip_number="C1", account_key="B"), person(2))
    cut_off(engine, "create", "x-p0001")
    # In the cut run the old account had given up its chip.
    engine.vendor.update("A", "1", {"chip_number": None})
    del engine.vendor.held["3"]
    engine.mart(person(1, chip_number="C1"), person(2))
    engine.night()
    assert engine.vendor.held["1"].fields["chip_number"] == "C1"


def test_a_newcomer_of_a_cut_run_is_invited_once(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(invitations="newcomers")
    engine.first_night(person(1))
    engine.mart(person(1), person(2))
    cut_off(engine, "create", "x-p0002")
    engine.night()
    engine.night()
    assert engine.vendor.calls == [("invite", "x-p0002")]


@pytest.mark.parametrize("state", ["sent", None])
def test_an_invitation_that_was_cut_off_is_never_sent_again(
    make_engine: Callable[..., Engine], state: str | None
) -> None:
    engine = make_engine(invitations="newcomers")
    engine.first_night(person(1))
    engine.mart(person(1), person(2))
    cut_off(engine, "invite", "x-p0002")
    # A vendor that can't say who was invited is never asked twice.
    object.__setattr__(engine.vendor.held["2"], "invitation_state", state)
    engine.night()
    engine.night()
    assert engine.vendor.calls == []


def test_newcomers_above_the_cap_are_invited_the_nights_after(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="newcomers", max_invitations_per_run=1)
    engine.first_night(*(person(n) for n in range(1, 5)))
    engine.mart(*(person(n) for n in range(1, 8)))
    for _ in range(4):
        engine.night()
    invited = [who for operation, who in engine.vendor.calls if operation == "invite"]
    assert invited == ["x-p0005", "x-p0006", "x-p0007"]


def test_after_a_lost_store_nobody_who_was_invited_is_invited_again(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="all_not_yet_invited")
    engine.first_night(person(1))
    assert engine.vendor.held["1"].invitation_state == "sent"
    for table in ("ledger", "invitations", "deliveries"):
        engine.connection.execute(f"delete from sync.{table}")
    engine.night()
    engine.night()
    assert engine.vendor.calls == []


def test_an_update_never_goes_to_an_account_of_another_person(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    # The account was deleted at the vendor, and its number given to somebody with the new e-mail.
    engine.vendor.held["1"] = replace(
        engine.vendor.held["1"], external_id="x-else", fields={"email": "new@example.cz"}
    )
    engine.vendor.failures[("update", "x-else")] = [GoneError("Gone.", cause="404")]
    engine.mart(person(1, email="new@example.cz", first_name="Eva"), person(2))
    engine.night()
    assert [who for call, who in engine.vendor.calls if call == "update"] == ["x-else"], "once"
    assert engine.vendor.held["1"].fields == {"email": "new@example.cz"}, (
        "not tried on the stranger"
    )


def test_an_answer_that_never_came_is_looked_up_the_next_night(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(person(1, first_name="Eva"), person(2))
    engine.vendor.failures[("update", "x-p0001")] = [
        RetryableError("Down.", retry_after=0.001) for _ in range(5)
    ]
    engine.night()
    assert engine.vendor.held["1"].fields["first_name"] == "Jana"
    reads = engine.vendor.lists_read
    engine.night()
    assert engine.vendor.held["1"].fields["first_name"] == "Eva"
    assert engine.vendor.lists_read == reads + 1


def test_a_list_that_fails_once_is_read_again(engine: Engine) -> None:
    engine.vendor.failures[("accounts", "A")] = [RetryableError("Down.", retry_after=0.001)]
    engine.first_night(person(1))
    assert list(engine.vendor.held) == ["1"]


def test_an_account_that_is_still_listed_is_not_taken_for_deleted(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.vendor.failures[("update", "x-p0001")] = [GoneError("Gone.", cause="404")] * 2
    engine.mart(person(1, first_name="Eva"), person(2))
    engine.night()
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0001")] * 2, "parked, and never made twice"
    assert engine.held() == {"p0001": "dead_letter"}


def test_an_account_that_is_to_be_taken_over_and_still_listed_is_not_made_again(
    engine: Engine,
) -> None:
    engine.vendor.create("A", "", {"first_name": "Jana", "email": "P1@example.cz"})
    engine.vendor.failures[("update", "1")] = [GoneError("Gone.", cause="404")]
    engine.first_night(person(1), person(2))
    held = engine.vendor.held
    assert {one.external_id for one in held.values()} == {"x-p0001", "x-p0002"}
    assert held["1"].external_id == "x-p0001"
