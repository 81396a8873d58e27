"""At most one invitation per person, account and spell of employment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from people_transforms.errors import AmbiguousError, RejectedError

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)


def invited(engine: Engine) -> list[str]:
    return sorted(who for operation, who in engine.vendor.calls if operation == "invite")


def test_the_first_import_is_silent_and_newcomers_are_invited_once(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="newcomers")
    engine.mart(person(1), person(2))
    engine.plan()
    engine.approve()
    engine.night()
    engine.night()
    assert invited(engine) == []
    engine.mart(person(1), person(2), person(3), person(4, email=None))
    engine.night()
    engine.night()
    assert invited(engine) == ["x-p0003"], "without an e-mail nobody can be invited"


def test_with_invitations_off_nobody_is_invited(engine: Engine) -> None:
    engine.first_night(person(1))
    engine.mart(person(1), person(2))
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0002")]


def test_everybody_not_yet_invited_is_invited_within_the_cap_per_night(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="all_not_yet_invited", max_invitations_per_run=2)
    engine.first_night(person(1), person(2), person(3))
    engine.night()
    engine.night()
    engine.night()
    calls = [who for operation, who in engine.vendor.calls if operation == "invite"]
    assert len(calls) == len(set(calls)) <= 3


def test_an_invitation_whose_answer_was_lost_is_not_repeated(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="newcomers")
    engine.first_night(person(1))
    engine.mart(person(1), person(2))
    lost = AmbiguousError("The answer was lost.")
    lost.committed = True  # type: ignore[attr-defined]
    engine.vendor.failures[("invite", "x-p0002")] = [lost]
    engine.night()
    engine.night()
    assert invited(engine) == ["x-p0002"]


def test_a_refused_invitation_leaves_the_diner_and_is_tried_the_next_night(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="newcomers")
    engine.first_night(person(1))
    engine.mart(person(1), person(2))
    engine.vendor.failures[("invite", "x-p0002")] = [
        RejectedError("The invitation was refused.", cause="404 invitation")
    ]
    engine.night()
    assert engine.vendor.held["2"].is_active
    engine.night()
    engine.night()
    assert invited(engine) == ["x-p0002", "x-p0002"]
    assert engine.vendor.held["2"].invitation_state == "sent"


def test_a_newcomer_whose_chip_is_refused_is_invited_all_the_same(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(invitations="newcomers")
    engine.first_night(person(1))
    engine.vendor.create("A", "y-guest", {"first_name": "Host", "chip_number": "C9"})
    engine.vendor.calls.clear()
    engine.mart(person(1), person(2, chip_number="C9"))
    engine.vendor.failures[("invite", "x-p0002")] = [
        RejectedError("The invitation was refused.", cause="404 invitation")
    ]
    engine.night()
    engine.night()
    engine.night()
    assert engine.held() == {"p0002": "dead_letter"}
    assert invited(engine) == ["x-p0002", "x-p0002"], "once more, and then never again"
    # The control: a night that holds something else asks nobody.
    engine.mart(person(1), person(2, chip_number="C9"), *(person(n) for n in range(3, 40)))
    engine.connection.execute(
        "update sync.invitations set status = 'due' where person_id = 'p0002'"
    )
    engine.night()
    assert set(engine.held().values()) == {"dead_letter", "additions"}
    assert len(invited(engine)) == 2
