"""A vendor whose accounts carry no id of ours, or don't say who was invited (both may be configured)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from people_transforms.delivery.vendor import Account, Traits
from people_transforms.errors import AmbiguousError, ConfigError, RejectedError

from .conftest import TRAITS, Engine, MemoryVendor, person

pytestmark = pytest.mark.few(1)

NO_IDS = replace(TRAITS, has_external_ids=False, tells_invitations=False)


@dataclass
class Nameless(MemoryVendor):
    """Keeps no external id and tells no invitation; calls are noted under the account's id."""

    traits: Traits = NO_IDS

    def create(self, account_key: str, external_id: str, fields: Mapping[str, Any]) -> Account:
        self._call("create", external_id)
        account = Account(account_key, str(next(self.ids)), True, None, fields=dict(fields))
        return self._keep(account, "create", external_id)

    def update(
        self, account_key: str, account_id: str, fields: Mapping[str, Any], external_id: Any = None
    ) -> Account:
        assert external_id is None and fields, "an empty change is no call"
        return super().update(account_key, account_id, fields)

    def invite(self, account_key: str, account_id: str) -> None:
        self._call("invite", account_id)
        self._keep(self.held[account_id], "invite", account_id)


def nameless(make_engine: Callable[..., Engine], **settings: Any) -> Engine:
    engine = make_engine(**settings)
    engine.vendor = Nameless()
    return engine


def lost(**facts: Any) -> AmbiguousError:
    error = AmbiguousError("The answer was lost.")
    error.committed = True  # type: ignore[attr-defined]
    return error


def invited(engine: Engine) -> list[str]:
    return sorted(who for operation, who in engine.vendor.calls if operation == "invite")


def statuses(engine: Engine) -> dict[str, int]:
    return dict(
        engine.connection.execute(
            "select status, count(*) from sync.invitations group by all"
        ).fetchall()
    )


def test_a_lost_answer_makes_no_second_account_and_no_second_invitation(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine, invitations="newcomers")
    engine.first_night(person(9, first_name="Eva"))
    engine.mart(person(1), person(9, first_name="Eva"))
    engine.vendor.failures[("create", "x-p0001")] = [lost()]
    engine.night()
    engine.night()
    assert [one for one in engine.vendor.calls if one[0] == "create"] == [("create", "x-p0001")]
    assert len(engine.vendor.held) == 2
    assert len(invited(engine)) == 1


def test_a_namesake_with_another_address_is_not_taken_for_the_lost_one(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine)
    engine.first_night(person(9))
    # Jana too, and somebody's already.
    engine.mart(person(1), person(9))
    uncommitted = AmbiguousError("The answer was lost.")
    engine.vendor.failures[("create", "x-p0001")] = [uncommitted]
    engine.night()
    assert len(engine.vendor.held) == 2
    rows = engine.connection.execute("select count(distinct account_id) from sync.ledger")
    assert rows.fetchone() == (2,)


class Killed(BaseException):
    committed = True


def test_a_create_that_was_cut_off_is_found_by_number_and_name(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine, invitations="newcomers")
    engine.first_night(person(9, first_name="Eva"))
    engine.mart(person(1), person(9, first_name="Eva"))
    engine.vendor.failures[("create", "x-p0001")] = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        engine.night()
    for _ in range(3):
        engine.night()
    assert len(engine.vendor.held) == 2
    assert invited(engine) == ["2"]
    # The control: it is the person's, and ends with the employment.
    engine.mart(
        person(1, account_key="*", desired_state="ended", leaving_kind="ended"),
        person(9, first_name="Eva"),
    )
    engine.night()
    assert not engine.vendor.held["2"].is_active


def test_a_create_that_was_cut_off_is_known_when_hr_has_taken_the_person_back(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine, when_absent="end")
    engine.first_night(person(9, first_name="Eva"))
    engine.mart(person(1), person(9, first_name="Eva"))
    engine.vendor.failures[("create", "x-p0001")] = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        engine.night()
    engine.mart(person(9, first_name="Eva"))
    for _ in range(3):
        engine.next_night()
    assert not engine.vendor.held["2"].is_active
    assert engine.vendor.held["1"].is_active


@pytest.mark.parametrize("starts_on", [dt.date(2025, 2, 1), dt.date(2024, 12, 1)])
def test_a_corrected_start_date_is_no_new_spell(
    make_engine: Callable[..., Engine], starts_on: dt.date
) -> None:
    engine = nameless(make_engine, invitations="all_not_yet_invited")
    engine.first_night(person(1))
    engine.night()
    engine.vendor.calls.clear()
    engine.mart(person(1, spell_starts_on=starts_on))
    engine.night()
    engine.night()
    assert invited(engine) == []


def test_a_spell_that_begins_after_the_end_is_a_new_one(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine, invitations="all_not_yet_invited")
    engine.first_night(person(1), person(2))
    engine.night()
    gone = person(1, account_key="*", desired_state="ended", leaving_kind="ended")
    engine.mart(gone, person(2))
    engine.next_night()
    engine.vendor.calls.clear()
    engine.as_of += dt.timedelta(days=7)
    back = engine.as_of - dt.timedelta(days=1)
    engine.mart(person(1, spell_starts_on=back), person(2))
    engine.night()
    assert invited(engine) == ["1"]


def twenty_newcomers(make_engine: Callable[..., Engine]) -> Engine:
    """Tonight twenty people join, one call at a time."""
    engine = nameless(
        make_engine,
        invitations="newcomers",
        num_workers=1,
        brakes={"additions": None, "invitations": None},
    )
    engine.first_night(person(99, first_name="Eva"))
    engine.vendor.calls.clear()
    engine.mart(*(person(n) for n in range(1, 21)), person(99, first_name="Eva"))
    return engine


def test_a_stopped_run_says_of_no_invitation_that_it_was_sent_which_was_not(
    make_engine: Callable[..., Engine],
) -> None:
    engine = twenty_newcomers(make_engine)
    engine.vendor.failures[("invite", "4")] = [ConfigError("No right.")]
    engine.night()
    assert len(invited(engine)) == 3
    assert statuses(engine) == {"silent": 1, "sent": 2, "due": 18}
    engine.vendor.failures.clear()
    engine.night()
    assert statuses(engine) == {"silent": 1, "sent": 20}
    assert len(invited(engine)) == 21, "the one that was refused again, the others once"


def test_of_a_killed_run_one_invitation_at_most_is_in_doubt(
    make_engine: Callable[..., Engine],
) -> None:
    engine = twenty_newcomers(make_engine)
    engine.vendor.failures[("invite", "4")] = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        engine.night()
    engine.vendor.failures.clear()
    engine.night()
    assert statuses(engine) == {"silent": 1, "sent": 19, "unknown": 1}
    assert sorted(set(invited(engine))) == invited(engine), "nobody twice"


def test_an_invitation_whose_answer_was_lost_is_not_said_to_be_sent(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine, invitations="newcomers")
    engine.first_night(person(99, first_name="Eva"))
    engine.vendor.calls.clear()
    engine.mart(person(1), person(99, first_name="Eva"))
    engine.vendor.failures[("invite", "2")] = [lost()]
    for _ in range(3):
        engine.night()
    assert invited(engine) == ["2"]
    assert statuses(engine) == {"silent": 1, "unknown": 1}


def test_an_account_whose_taking_over_is_refused_is_nobodys_yet(
    make_engine: Callable[..., Engine],
) -> None:
    engine = nameless(make_engine)
    engine.first_night(person(9, first_name="Eva"))
    engine.vendor.create("A", "x", {"first_name": "Jana", "email": "p1@example.cz"})
    engine.mart(person(1, chip_number="C1"), person(9, first_name="Eva"))
    engine.vendor.update = lambda *_: (_ for _ in ()).throw(  # type: ignore[method-assign]
        RejectedError("Refused.", cause="422")
    )
    engine.night()
    known = "select account_id from sync.ledger where person_id = 'p0001'"
    assert engine.connection.execute(known).fetchall() == []
    # The control: taken over, it is the person's.
    del engine.vendor.update
    engine.connection.execute("update sync.dead_letters set settled = true")
    engine.night()
    assert engine.connection.execute(known).fetchall() == [("2",)]
