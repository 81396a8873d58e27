"""A vendor whose answers are not about what was asked: another account, another id, the old value.

What an answer shows of somebody else is no answer. Each attack has its control.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from people_transforms.delivery.vendor import Account

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)

Lie = Callable[[Account], Account]


def lie(engine: Engine, operation: str, answer: Lie, *, is_done: bool = True) -> None:
    """Let the vendor carry out (or not) an operation, and answer with something else."""
    honest = getattr(engine.vendor, operation)

    def lying(*args: Any, **more: Any) -> Account:
        before = dict(engine.vendor.held)
        shown = honest(*args, **more)
        if not is_done:
            engine.vendor.held = before
        return answer(shown)

    setattr(engine.vendor, operation, lying)


def honest(engine: Engine, operation: str) -> None:
    delattr(engine.vendor, operation)


def of(engine: Engine, account_id: str) -> Lie:
    return lambda _: engine.vendor.held[account_id]


def ledger(engine: Engine) -> dict[str, tuple[str, str]]:
    rows = engine.connection.execute(
        "select person_id, account_id, state from sync.ledger"
    ).fetchall()
    return {who: (account, state) for who, account, state in rows}


def real(engine: Engine) -> dict[str, tuple[str, str]]:
    return {
        (account.external_id or "")[2:]: (
            account.account_id,
            "active" if account.is_active else "inactive",
        )
        for account in engine.vendor.held.values()
    }


def gone(number: int) -> dict[str, Any]:
    return person(number, account_key="*", desired_state="ended", leaving_kind="ended")


@pytest.mark.drawn(4)
@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("operation", ["update", "deactivate", "activate", "create"])
def test_an_answer_with_another_account_changes_nobodys(
    engine: Engine, operation: str, is_done: bool
) -> None:
    others = [person(n) for n in range(2, 12)]
    engine.first_night(person(1), *others)
    wanted = {
        "update": person(1, first_name="Eva"),
        "deactivate": gone(1),
        "activate": person(1, first_name="Eva"),
        "create": person(20),
    }[operation]
    if operation == "activate":
        engine.mart(gone(1), *others)
        engine.next_night()
    stranger = next(a for a, b in engine.vendor.held.items() if b.external_id == "x-p0002")
    lie(engine, operation, of(engine, stranger), is_done=is_done)
    rest = [person(1), *others] if operation == "create" else others
    engine.mart(wanted, *rest)
    engine.next_night()
    accounts = [account for account, _ in ledger(engine).values()]
    assert len(set(accounts)) == len(accounts), "one account, one person"
    assert ledger(engine)["p0002"][0] == stranger
    # An honest vendor again: all is as HR wants it, and nothing was made twice.
    honest(engine, operation)
    for _ in range(2):
        engine.next_night()
    assert ledger(engine) == real(engine)
    assert len(engine.vendor.held) == (12 if operation == "create" else 11)
    state = {account.external_id: account.is_active for account in engine.vendor.held.values()}
    assert state.pop("x-p0001") is (operation != "deactivate")
    assert all(state.values())


def test_a_created_account_with_another_id_of_ours_is_not_the_persons(engine: Engine) -> None:
    engine.first_night(person(1))
    lie(engine, "create", lambda shown: replace(shown, external_id="x-p0001"))
    engine.mart(person(1), person(2))
    engine.next_night()
    honest(engine, "create")
    engine.next_night()
    assert ledger(engine) == real(engine)
    assert len(engine.vendor.held) == 2


def test_a_vendor_that_answers_without_our_id_is_believed(engine: Engine) -> None:
    """The control: an answer that leaves the id out, or has it in another case, is no lie."""
    engine.first_night(person(1))
    engine.vendor.calls.clear()
    lie(engine, "create", lambda shown: replace(shown, external_id=None))
    engine.mart(person(1), person(2))
    engine.next_night()
    honest(engine, "create")
    lie(engine, "create", lambda shown: replace(shown, external_id=str(shown.external_id).upper()))
    engine.mart(person(1), person(2), person(3))
    engine.next_night()
    assert ledger(engine).keys() == {"p0001", "p0002", "p0003"}
    assert engine.vendor.calls == [("create", "x-p0002"), ("create", "x-p0003")]
    assert engine.holds == []


def test_two_newcomers_are_not_given_one_account(engine: Engine) -> None:
    engine.first_night(person(1))
    first = Account("A", "77", True, None, fields={})
    lie(engine, "create", lambda _: first)
    engine.mart(person(1), person(2), person(3))
    engine.next_night()
    accounts = [account for account, _ in ledger(engine).values()]
    assert len(set(accounts)) == len(accounts)


@pytest.mark.parametrize(
    ("wanted", "kept", "refused"),
    [
        ({"first_name": "Eva"}, ["first_name"], None),
        ({"first_name": "Eva", "chip_number": "C2"}, ["first_name"], ["first_name"]),
        ({"first_name": "Eva", "chip_number": "C2"}, ["first_name", "chip_number"], None),
        ({"chip_number": None}, ["chip_number"], None),
    ],
)
@pytest.mark.drawn(2)
def test_a_value_that_was_confirmed_and_not_taken_is_not_in_the_ledger(
    engine: Engine, wanted: dict[str, Any], kept: list[str], refused: list[str] | None
) -> None:
    engine.first_night(person(1, chip_number="C1"), person(2))

    def without(shown: Account) -> Account:
        before = {name: {"first_name": "Jana", "chip_number": "C1"}[name] for name in kept}
        honest_one = replace(shown, fields={**shown.fields, **before})
        engine.vendor.held[shown.account_id] = honest_one
        return honest_one

    lie(engine, "update", without)
    engine.mart(person(1, **({"chip_number": "C1"} | wanted)), person(2))
    engine.next_night()
    row = engine.connection.execute(
        "select fields from sync.ledger where person_id = 'p0001'"
    ).fetchone()
    assert row is not None
    told = {name: orjson.loads(row[0]).get(name) for name in ("first_name", "chip_number")}
    shown = next(a for a in engine.vendor.held.values() if a.external_id == "x-p0001").fields
    assert told == {name: shown.get(name) for name in told}
    row = engine.connection.execute(
        "select outcome, refused_fields from sync.plan where run_id = ? and person_id = 'p0001'",
        [f"run-{engine.runs:03}"],
    ).fetchone()
    assert row == (("partly", refused) if refused else ("parked", []))
    # It waits until the person changes: no call every night.
    engine.vendor.calls.clear()
    engine.next_night()
    assert engine.vendor.calls == []
    honest(engine, "update")
    engine.mart(person(1, **({"chip_number": "C1"} | wanted | {"first_name": "Iva"})), person(2))
    engine.next_night()
    shown = next(a for a in engine.vendor.held.values() if a.external_id == "x-p0001").fields
    assert shown["first_name"] == "Iva"


def test_a_vendor_that_spells_a_value_its_own_way_has_taken_it(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    account = next(a for a in engine.vendor.held.values() if a.external_id == "x-p0001")
    lie(engine, "update", lambda _: account)
    engine.mart(person(1, first_name="JANA "), person(2))
    engine.next_night()
    row = engine.connection.execute(
        "select outcome from sync.plan where run_id = ? and person_id = 'p0001'",
        [f"run-{engine.runs:03}"],
    ).fetchone()
    assert row == ("confirmed",)
