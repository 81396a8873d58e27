"""What is sent, in which order, and never twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import AmbiguousError, RejectedError, RetryableError

from .conftest import TRAITS, Engine, MemoryVendor, person

pytestmark = pytest.mark.few(2)

TODAY = dt.date(2026, 3, 2)


def test_nothing_is_sent_before_the_plan_is_approved(engine: Engine) -> None:
    engine.mart(person(1), person(2))
    engine.night()
    assert engine.vendor.calls == []
    assert set(engine.held().values()) == {"activation"}
    # The control: the same plan, approved, is sent.
    engine.approve()
    engine.night()
    assert sorted(engine.vendor.calls) == [("create", "x-p0001"), ("create", "x-p0002")]


def test_a_second_night_without_changes_makes_no_call_and_reads_no_list(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    lists_read = engine.vendor.lists_read
    engine.night()
    assert engine.vendor.calls == []
    assert engine.vendor.lists_read == lists_read


def test_only_the_changed_field_is_sent(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(person(1, first_name="Jiří"), person(2))
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0001")]
    row = engine.connection.execute(
        "select changes from sync.plan where operation = 'update'"
    ).fetchone()
    assert row == ('{"first_name":["Jana","Jiří"]}',)


def test_a_value_that_disappears_is_cleared_unless_it_is_kept(engine: Engine) -> None:
    engine.first_night(person(1, chip_number="C1"))
    engine.mart(person(1, chip_number=None, email=None))
    engine.night()
    assert engine.vendor.held["1"].fields["chip_number"] is None
    assert engine.vendor.held["1"].fields["email"] == "p1@example.cz"
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []


def test_a_leaver_is_ended_and_gives_the_chip_back_to_a_newcomer_the_same_night(
    engine: Engine,
) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2), person(3))
    engine.mart(
        person(1, account_key="*", desired_state="ended", leaving_kind="ended"),
        person(2),
        person(3),
        person(4, chip_number="C1", email="p1@example.cz"),
    )
    engine.night()
    assert engine.vendor.calls[0] == ("deactivate", "x-p0001")
    assert engine.vendor.calls[-1] == ("create", "x-p0004")
    leaver, newcomer = engine.vendor.held["1"], engine.vendor.held["4"]
    assert (leaver.is_active, leaver.fields["chip_number"]) == (False, None)
    assert leaver.fields["valid_to"] == TODAY - dt.timedelta(days=1)
    assert newcomer.fields["chip_number"] == "C1"
    assert newcomer.fields["email"] == "p1@example.cz"


def test_somebody_no_longer_listed_gives_the_chip_back_with_the_account(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(when_absent="end")
    engine.first_night(person(1, chip_number="C1"), person(2), person(3))
    engine.mart(person(2), person(3), person(4, chip_number="C1"))
    engine.night()
    held = engine.vendor.held
    assert (held["1"].is_active, held["1"].fields["chip_number"]) == (True, "C1"), "absent once"
    assert held["4"].fields.get("chip_number") is None
    engine.next_night()
    assert not held["1"].is_active
    assert held["1"].fields["chip_number"] is None
    assert held["1"].fields["valid_to"] == TODAY
    assert held["4"].fields["chip_number"] == "C1", "the same night"


def test_two_people_swap_chips_in_one_night(engine: Engine) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2, chip_number="C2"))
    engine.mart(person(1, chip_number="C2"), person(2, chip_number="C1"))
    engine.night()
    assert engine.vendor.held["1"].fields["chip_number"] == "C2"
    assert engine.vendor.held["2"].fields["chip_number"] == "C1"
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []


def test_whoever_holds_a_chip_keeps_it_and_the_other_gets_an_account_without(
    engine: Engine,
) -> None:
    engine.first_night(person(1, chip_number="C1"))
    engine.mart(person(1, chip_number="C1"), person(2, chip_number="C1"))
    engine.night()
    assert engine.vendor.held["1"].fields["chip_number"] == "C1"
    assert engine.vendor.held["2"].fields.get("chip_number") is None
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []
    # When the holder has another chip, the other person gets it.
    engine.mart(person(1, chip_number="C9"), person(2, chip_number="C1"))
    engine.night()
    assert engine.vendor.held["2"].fields["chip_number"] == "C1"


def test_a_create_whose_answer_was_lost_is_looked_up_and_not_repeated(engine: Engine) -> None:
    engine.mart(person(1))
    engine.plan()
    engine.approve()
    lost = AmbiguousError("The answer was lost.")
    lost.committed = True  # type: ignore[attr-defined]
    engine.vendor.failures[("create", "x-p0001")] = [lost]
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")]
    assert [account.external_id for account in engine.vendor.held.values()] == ["x-p0001"]
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []


@dataclass
class Lagging(MemoryVendor):
    """A vendor that takes duplicates, and shows what was made when `catches_up` says so."""

    shown: dict[str, Account] = field(default_factory=dict)
    catches_up: bool = False

    def accounts(self, account_key: str) -> Iterator[Account]:
        if self.catches_up:
            self.shown = dict(self.held)
        return iter([one for one in self.shown.values() if one.account_key == account_key])

    def _refuse_taken(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize("has_external_ids", [True, False])
def test_a_lost_create_is_not_sent_again_while_the_list_lags_behind(
    make_engine: Callable[..., Engine], has_external_ids: bool
) -> None:
    engine = make_engine(num_workers=1)
    vendor = engine.vendor = Lagging(
        traits=replace(TRAITS, has_external_ids=has_external_ids), catches_up=True
    )
    engine.first_night(person(9, first_name="Eva"))
    vendor.catches_up = False
    engine.mart(person(1), person(2, first_name="Ida"), person(9, first_name="Eva"))
    lost = AmbiguousError("The answer was lost.")
    lost.committed = True  # type: ignore[attr-defined]
    vendor.failures[("create", "x-p0002")] = [lost]
    engine.night()
    creates = [("create", "x-p0001"), ("create", "x-p0002")]
    assert vendor.calls == creates
    vendor.catches_up = True
    engine.night()
    assert vendor.calls == creates and len(vendor.held) == 3
    # The control: a list that shows what was made last is believed, and the call is repeated at once.
    engine.mart(*(person(n, first_name=f"N{n}") for n in (3, 4)), person(9, first_name="Eva"))
    vendor.failures[("create", "x-p0004")] = [AmbiguousError("It never arrived.")]
    engine.night()
    assert vendor.calls.count(("create", "x-p0004")) == 2


def test_one_refused_person_stops_nobody_and_waits_until_something_changes(
    engine: Engine,
) -> None:
    engine.mart(person(1), person(2))
    engine.plan()
    engine.approve()
    refused = RejectedError("Refused.", cause="422")
    engine.vendor.failures[("create", "x-p0001")] = [refused]
    engine.night()
    assert [a.external_id for a in engine.vendor.held.values()] == ["x-p0002"]
    letters = engine.connection.execute("select person_id, cause from sync.dead_letters").fetchall()
    assert letters == [("p0001", "422")]
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []
    assert engine.held() == {"p0001": "dead_letter"}
    # The person changes: tried again, and the dead letter is gone.
    engine.mart(person(1, email="new@example.cz"), person(2))
    engine.night()
    assert ("create", "x-p0001") in engine.vendor.calls
    assert engine.connection.execute("select * from sync.dead_letters").fetchall() == []


def test_a_vendor_that_is_down_stops_the_run_and_the_next_run_goes_on(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(num_workers=1)
    engine.mart(*(person(n) for n in range(1, 8)))
    engine.plan()
    engine.approve()
    for number in range(1, 8):
        engine.vendor.failures[("create", f"x-p{number:04}")] = [
            RetryableError("Down.", retry_after=0.001) for _ in range(5)
        ]
    delivery = engine.night()
    assert isinstance(delivery.stopped_by, RetryableError)
    assert engine.vendor.held == {}
    engine.vendor.failures.clear()
    engine.night()
    assert len(engine.vendor.held) == 7


def test_a_rehire_gets_the_same_account_back(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    gone = person(1, account_key="*", desired_state="ended", leaving_kind="ended")
    engine.mart(gone, person(2))
    engine.night()
    assert not engine.vendor.held["1"].is_active
    engine.mart(person(1), person(2))
    engine.night()
    assert engine.vendor.held["1"].is_active
    assert len(engine.vendor.held) == 2


def test_an_account_that_somebody_else_ended_stays_ended(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.connection.execute(
        "update sync.ledger set state = 'inactive', ended_by = 'other', ended_on = '2026-02-01' "
        "where person_id = 'p0001'"
    )
    engine.vendor.held["1"] = replace(engine.vendor.held["1"], is_active=False)
    engine.night()
    assert engine.vendor.calls == []
    # The control: a newer spell of employment brings the account back.
    engine.mart(person(1, spell_starts_on=dt.date(2026, 3, 1)), person(2))
    engine.night()
    assert engine.vendor.calls == [("activate", "x-p0001")]


def test_a_move_creates_the_new_account_before_it_ends_the_old_one(engine: Engine) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2))
    engine.mart(person(1, chip_number="C1", account_key="B"), person(2))
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001"), ("deactivate", "x-p0001")]
    states = {
        a.account_key: a.is_active
        for a in engine.vendor.held.values()
        if a.external_id == "x-p0001"
    }
    assert states == {"A": False, "B": True}


def test_a_move_that_the_new_client_refuses_leaves_the_old_account_alone(engine: Engine) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2))
    engine.mart(person(1, chip_number="C1", account_key="B"), person(2))
    engine.vendor.failures[("create", "x-p0001")] = [RejectedError("Refused.", cause="422")]
    engine.night()
    assert engine.vendor.held["1"].is_active
    assert engine.vendor.held["1"].fields["chip_number"] == "C1"
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []


def test_a_lost_ledger_is_rebuilt_from_the_vendor_without_any_write(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.connection.execute("delete from sync.ledger")
    engine.night()
    assert engine.vendor.calls == []
    assert len(engine.connection.execute("select * from sync.ledger").fetchall()) == 2


def test_what_hr_says_nothing_of_stays_on_an_account_that_was_taken_over(engine: Engine) -> None:
    by_hand = {"first_name": "Jana", "email": "p1@example.cz", "chip_number": "HAND"}
    engine.vendor.held["s1"] = Account("A", "s1", True, None, fields=by_hand)
    engine.first_night(person(1), person(2))
    # The controls: HR types a chip, and takes it away.
    for chip, there in ((None, "HAND"), ("C1", "C1"), (None, None)):
        engine.mart(person(1, first_name=f"Eva {chip}", chip_number=chip), person(2))
        engine.next_night()
        shown = engine.vendor.held["s1"].fields
        assert (shown["first_name"], shown["chip_number"]) == (f"Eva {chip}", there)


def test_an_unmanaged_account_is_adopted_and_one_with_another_id_is_not(engine: Engine) -> None:
    engine.vendor.create("A", "", {"first_name": "Jana", "email": "P1@example.cz"})
    engine.vendor.create("A", "somebody-else", {"first_name": "Jana", "email": "p2@example.cz"})
    engine.vendor.calls.clear()
    engine.first_night(person(1), person(2))
    assert engine.vendor.held["1"].external_id == "x-p0001"
    assert len(engine.vendor.held) == 2
    assert engine.held() == {"p0002": "conflict"}


def test_an_update_keeps_its_other_fields_when_one_value_is_taken(engine: Engine) -> None:
    engine.vendor.create("A", "guest", {"first_name": "Host", "email": "taken@example.cz"})
    engine.first_night(person(1), person(2))
    engine.mart(person(1, first_name="Eva", email="taken@example.cz"), person(2))
    delivery = engine.night()
    assert engine.vendor.held["2"].fields["first_name"] == "Eva"
    assert engine.vendor.held["2"].fields["email"] == "p1@example.cz"
    assert delivery.counts == {"update confirmed": 1, "update rejected": 1}
    engine.night()
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == []
    assert engine.held() == {"p0001": "dead_letter"}


@pytest.mark.parametrize(
    ("first_day", "last_day"), [("2026-03-02", "2026-03-02"), ("2025-01-01", "2026-03-01")]
)
def test_an_account_never_ends_before_it_begins(
    engine: Engine, first_day: str, last_day: str
) -> None:
    # A rehire was delivered for today and HR takes it back: yesterday was before its first day.
    engine.first_night(person(1, valid_from=dt.date.fromisoformat(first_day)), person(2))
    engine.mart(person(1, desired_state="ended", leaving_kind="flag_off"), person(2))
    engine.night()
    (account,) = [a for a in engine.vendor.held.values() if not a.is_active]
    assert str(account.fields["valid_to"]) == last_day
