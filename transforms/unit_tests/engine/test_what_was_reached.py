"""A change of two calls of which one fails, and a vendor that is not as the plan thought.

What the vendor shows decides the ledger; the night goes on with what is there; what was refused is named.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import people_transforms
import pytest
from people_transforms.delivery.vendor import Account, Traits
from people_transforms.errors import (
    ConfigError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
)

from .conftest import TRAITS, Engine, MemoryVendor, person

pytestmark = pytest.mark.few(1)

IN_TWO_CALLS = replace(TRAITS, activates_with_fields=False)
TAKEN = ConflictError("Taken.", cause="409 email", field="email")


@dataclass
class Alleoish(MemoryVendor):
    """A vendor that activates in one call and changes in another, as Alleo does."""

    traits: Traits = IN_TWO_CALLS

    def activate(self, account_key: str, account_id: str, fields: Mapping[str, Any]) -> Account:
        assert not fields
        return super().activate(account_key, account_id, fields)


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Iterator[Engine]:
    engine = make_engine()
    engine.vendor = Alleoish()
    yield engine


def gone(number: int) -> dict[str, Any]:
    return person(number, account_key="*", desired_state="ended", leaving_kind="ended")


def ledger(engine: Engine, who: str = "p0001") -> tuple[Any, ...]:
    row = engine.connection.execute(
        "select state, ended_by, fields ->> '$.email' from sync.ledger where person_id = ?", [who]
    ).fetchone()
    assert row is not None
    return row


def outcome(engine: Engine, who: str = "p0001") -> tuple[Any, ...]:
    row = engine.connection.execute(
        "select operation, outcome, refused_fields from sync.plan where person_id = ? "
        "and operation <> 'none' order by run_id desc limit 1",
        [who],
    ).fetchone()
    assert row is not None
    return row


def test_a_rehire_whose_second_half_is_refused_is_active_and_ends_again(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(gone(1), person(2))
    engine.night()
    engine.mart(person(1, email="taken@example.cz", first_name="Eva"), person(2))
    engine.vendor.failures[("update", "x-p0001")] = [TAKEN]
    engine.night()
    assert engine.vendor.held["1"].is_active
    assert ledger(engine) == ("active", None, "p1@example.cz")
    assert engine.vendor.held["1"].fields["first_name"] == "Eva", "the rest was sent"
    assert outcome(engine) == ("reactivate", "partly", ["email"])
    engine.mart(gone(1), person(2))
    engine.night()
    assert not engine.vendor.held["1"].is_active
    assert ledger(engine)[:2] == ("inactive", "us")


@pytest.mark.parametrize(
    "failure",
    [
        RejectedError("Refused.", cause="422"),
        ConfigError("No right."),
        RetryableError("Down.", retry_after=0.001),
    ],
)
@pytest.mark.drawn(1)
def test_what_was_revived_ends_again_whatever_stopped_the_second_half(
    engine: Engine, failure: Exception
) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(gone(1), person(2))
    engine.night()
    engine.mart(person(1, first_name="Eva"), person(2))
    engine.vendor.failures[("update", "x-p0001")] = [failure] * 5
    engine.night()
    assert engine.vendor.held["1"].is_active
    assert ledger(engine)[0] == "active"
    engine.vendor.failures.clear()
    engine.mart(gone(1), person(2))
    engine.night()
    assert not engine.vendor.held["1"].is_active


def stranger(engine: Engine, number: int, external_id: str = "", **more: Any) -> None:
    values = {"first_name": "Jana", "email": f"p{number}@example.cz"} | more.pop("fields", {})
    shown = {"is_active": True, "external_id": external_id, "fields": values} | more
    engine.vendor.held[f"s{number}"] = Account("A", f"s{number}", **shown)


def test_an_ended_account_that_was_revived_and_not_yet_ours_ends_again(engine: Engine) -> None:
    engine.first_night(person(2))
    day = dt.date(2025, 1, 1)
    stranger(engine, 1, is_active=False, ended_on=str(day), fields={"valid_to": day})
    engine.mart(person(1, unbroken_since_on=dt.date(2025, 6, 1)), person(2))
    engine.vendor.failures[("update", "s1")] = [RejectedError("Refused.", cause="422")]
    engine.night()
    assert engine.vendor.calls == [("activate", "s1"), ("update", "s1")]
    assert ledger(engine)[0] == "active"
    # The control: the next night tells the vendor our id, and the account is one like any other.
    engine.mart(person(1, first_name="Jana", email="p1@example.cz"), person(2))
    engine.night()
    assert engine.vendor.held["s1"].external_id == "x-p0001"
    assert engine.vendor.held["s1"].fields["valid_to"] is None
    engine.mart(gone(1), person(2))
    engine.night()
    assert not engine.vendor.held["s1"].is_active


def appears(engine: Engine, account: Account) -> None:
    """Between the plan and the call somebody makes an account; the create is refused for it."""
    create = engine.vendor.create

    def late(key: str, external_id: str, fields: Any) -> Account:
        if account.account_id not in engine.vendor.held:
            engine.vendor.held[account.account_id] = account
            engine.vendor.calls.append(("create", external_id))
            raise ConflictError("Taken.", cause="409 email", field="email")
        return create(key, external_id, fields)

    engine.vendor.create = late  # type: ignore[method-assign]


MINE = {"first_name": "Jana", "email": "p1@example.cz"}


def test_an_account_made_by_hand_after_the_plan_is_taken_over_the_same_night(
    engine: Engine,
) -> None:
    engine.first_night(person(2))
    engine.mart(person(1), person(2))
    appears(engine, Account("A", "h1", True, "", fields=dict(MINE)))
    engine.night()
    assert engine.vendor.held["h1"].external_id == "x-p0001"
    assert [one for one in engine.vendor.held.values() if one.fields["email"] == MINE["email"]] == [
        engine.vendor.held["h1"]
    ]
    assert outcome(engine)[1] == "confirmed"


def test_an_ended_account_met_by_a_create_comes_back_only_for_a_newer_employment(
    engine: Engine,
) -> None:
    engine.first_night(person(2))
    engine.mart(person(1, unbroken_since_on=dt.date(2026, 1, 1)), person(2))
    last = {"valid_to": dt.date(2025, 12, 31)}
    appears(engine, Account("A", "h1", False, "x-p0001", ended_on="2025-12-31", fields=MINE | last))
    engine.night()
    assert engine.vendor.held["h1"].is_active
    assert engine.vendor.held["h1"].fields["valid_to"] is None
    assert ledger(engine)[0] == "active"


def test_an_ended_account_met_by_a_create_is_not_confirmed(engine: Engine) -> None:
    engine.first_night(person(2))
    engine.mart(person(1, unbroken_since_on=dt.date(2025, 1, 1)), person(2))
    appears(engine, Account("A", "h1", False, "x-p0001", ended_on="2025-12-31", fields=dict(MINE)))
    engine.night()
    assert not engine.vendor.held["h1"].is_active
    assert outcome(engine) == ("create", "waiting", [])
    assert ledger(engine)[:2] == ("inactive", "other")
    engine.night()
    row = engine.connection.execute(
        "select reason from temp.plan_planned where person_id = 'p0001'"
    ).fetchone()
    assert row == ("ended_by_other",), "and it is told"


@pytest.mark.parametrize(
    "account",
    [
        Account("A", "h1", True, "y-other", fields=dict(MINE)),
        Account("A", "h1", True, "", fields=MINE | {"first_name": "Zuzana"}),
        Account("A", "h1", True, "x-p0001", fields={"first_name": "Z", "email": "z@example.cz"}),
    ],
)
def test_an_account_of_somebody_else_is_never_taken_over_after_a_refusal(
    engine: Engine, account: Account
) -> None:
    engine.first_night(person(2))
    engine.mart(person(1), person(2))
    appears(engine, account)
    engine.night()
    assert engine.vendor.held["h1"] == account


def test_two_accounts_with_our_id_are_not_chosen_from_after_a_refusal(engine: Engine) -> None:
    engine.first_night(person(2))
    engine.mart(person(1), person(2))
    first = Account("A", "h1", True, "x-p0001", fields=dict(MINE))
    appears(engine, first)
    engine.plan()
    engine.vendor.held["h2"] = replace(first, account_id="h2", is_active=False)
    engine.vendor.calls.clear()
    engine.deliver()
    assert ("update", "x-p0001") not in engine.vendor.calls
    assert engine.connection.execute(
        "select count(*) from sync.ledger where account_id in ('h1', 'h2')"
    ).fetchone() == (0,)


def test_an_account_that_somebody_deleted_is_made_anew_the_same_night(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    del engine.vendor.held["1"]
    update = engine.vendor.update

    def missing(key: str, account_id: str, *more: Any) -> Account:
        if account_id not in engine.vendor.held:
            raise GoneError("Gone.", cause="404")
        return update(key, account_id, *more)

    engine.vendor.update = missing  # type: ignore[method-assign]
    engine.mart(person(1, first_name="Eva"), person(2))
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")]
    (made,) = [one for one in engine.vendor.held.values() if one.external_id == "x-p0001"]
    assert made.fields["first_name"] == "Eva"
    assert outcome(engine) == ("update", "confirmed", [])
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")]


def test_many_deleted_accounts_wait_for_the_brake_on_additions(engine: Engine) -> None:
    everybody = range(1, 9)
    engine.first_night(*(person(n) for n in everybody))
    engine.vendor.held.clear()
    engine.vendor.update = lambda *_: (_ for _ in ()).throw(  # type: ignore[method-assign]
        GoneError("Gone.", cause="404")
    )
    engine.mart(*(person(n, first_name="Eva") for n in everybody))
    engine.night()
    assert len(engine.vendor.calls) < 5, "the next plan asks for the others"


def test_a_deleted_account_whose_id_somebody_else_has_is_not_taken(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    other = Account("A", "1", True, "x-p0001", fields={"first_name": "Z", "email": "z@example.cz"})
    engine.vendor.held["1"] = replace(other, account_id="9")
    engine.vendor.held["9"] = engine.vendor.held.pop("1")
    engine.vendor.update = lambda *_: (_ for _ in ()).throw(  # type: ignore[method-assign]
        GoneError("Gone.", cause="404")
    )
    engine.mart(person(1, first_name="Eva"), person(2))
    engine.night()
    assert engine.vendor.held["9"].fields == other.fields
    rows = engine.connection.execute("select 1 from sync.ledger where account_id = '9'").fetchall()
    assert rows == []


def test_a_chip_of_an_unmanaged_diner_does_not_block_the_newcomer(engine: Engine) -> None:
    engine.first_night(person(2))
    stranger(engine, 9, "y-guest", fields={"chip_number": "C9"})
    engine.mart(person(1, chip_number="C9"), person(2))
    engine.night()
    (made,) = [one for one in engine.vendor.held.values() if one.external_id == "x-p0001"]
    assert made.fields.get("chip_number") is None
    assert outcome(engine) == ("create", "partly", ["chip_number"])
    letters = engine.connection.execute(
        "select operation, field from sync.dead_letters where not settled"
    ).fetchall()
    assert letters == [("update", "chip_number")]
    engine.vendor.calls.clear()
    engine.night()
    assert engine.vendor.calls == [], "parked"
    assert engine.held() == {"p0001": "dead_letter"}
    # The control: the chip is free again, and somebody asks for it.
    del engine.vendor.held["s9"]
    engine.connection.execute("update sync.dead_letters set settled = true")
    engine.night()
    assert engine.vendor.held[made.account_id].fields["chip_number"] == "C9"


def test_a_name_that_goes_back_after_half_an_update_is_sent_back(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(person(1, first_name="Eva", email="taken@example.cz"), person(2))
    engine.vendor.failures[("update", "x-p0001")] = [TAKEN]
    engine.night()
    assert engine.vendor.held["1"].fields["first_name"] == "Eva"
    engine.mart(person(1), person(2))
    engine.night()
    assert engine.vendor.held["1"].fields["first_name"] == "Jana"


def test_an_account_that_still_answers_as_active_is_not_written_down_as_ended(
    engine: Engine,
) -> None:
    engine.first_night(person(1), person(2))
    engine.vendor.deactivate = (  # type: ignore[method-assign]
        lambda key, account_id, fields: engine.vendor.held[account_id]
    )
    engine.mart(gone(1), person(2))
    engine.night()
    assert ledger(engine)[0] == "active"
    assert outcome(engine)[1] == "parked"


def test_what_a_stopped_run_did_not_reach_was_not_tried(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(num_workers=1)
    engine.first_night(person(9))
    engine.mart(*(person(n) for n in range(1, 5)), person(9))
    engine.vendor.failures[("create", "x-p0002")] = [ConfigError("No right.")]
    engine.night()
    outcomes = dict(
        engine.connection.execute(
            "select person_id, outcome from sync.plan where operation = 'create' "
            "and run_id = (select max(run_id) from sync.plan)"
        ).fetchall()
    )
    assert outcomes == {
        "p0001": "confirmed", "p0002": "not_tried", "p0003": "not_tried", "p0004": "not_tried",
    }  # fmt: skip
    reads = engine.vendor.lists_read
    engine.plan()
    assert engine.vendor.lists_read == reads + 1, "read for the creates, not for what may have been"


def test_the_state_of_an_account_has_one_writer() -> None:
    package = Path(people_transforms.__file__).parent
    written = re.compile(
        r"update sync\.ledger(?:(?!\"\"\"|\bfrom\b|\bwhere\b).)*\b(state|ended_by) =", re.S
    )
    writers = {path.name for path in package.rglob("*.py") if written.search(path.read_text())}
    assert writers == {"states.py"}


def test_an_ended_account_that_is_taken_over_loses_its_last_day_the_same_night(
    engine: Engine,
) -> None:
    engine.first_night(person(2))
    day = dt.date(2025, 1, 1)
    stranger(engine, 1, is_active=False, ended_on=str(day), fields={"valid_to": day})
    engine.mart(person(1, unbroken_since_on=dt.date(2025, 6, 1)), person(2))
    engine.night()
    taken = engine.vendor.held["s1"]
    assert (taken.is_active, taken.external_id, taken.fields["valid_to"]) == (True, "x-p0001", None)
