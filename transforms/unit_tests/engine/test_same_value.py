"""Two spellings of one value are one value: wherever HR, the ledger and the vendor are compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.same_value import fold, readable_domain

from .conftest import TRAITS, Engine, person
from .test_drift import EVERY_NIGHT, reconciled

pytestmark = pytest.mark.few(1)

MakeEngine = Callable[..., Engine]
READABLE, ASCII = "ana@müller.example", "ana@xn--mller-kva.example"
DECOMPOSED = unicodedata.normalize("NFD", READABLE)


def stored_as(engine: Engine, **fields: str) -> None:
    """Let the vendor give the only account back in another spelling."""
    (account,) = engine.vendor.held.values()
    engine.vendor.held[account.account_id] = replace(account, fields={**account.fields, **fields})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(READABLE, ASCII), (ASCII, READABLE), (READABLE, DECOMPOSED), (READABLE, ASCII.upper())],
)
def test_another_spelling_at_the_vendor_is_no_drift(
    make_engine: MakeEngine, ours: str, theirs: str
) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | {"repair": ["email", "first_name"]})
    engine.first_night(person(1, email=ours, first_name="Zoë"))
    stored_as(engine, email=theirs, first_name=unicodedata.normalize("NFD", "Zoë"))
    assert reconciled(engine) == []
    assert engine.vendor.calls == []


def test_another_domain_is_drift(make_engine: MakeEngine) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | {"repair": ["email"]})
    engine.first_night(person(1, email=READABLE))
    stored_as(engine, email="ana@xn--mller-kva.example.org")
    assert reconciled(engine) == [("p0001", "account_changed_by_other")]
    assert engine.vendor.calls == [("update", "x-p0001")]


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("email", READABLE, ASCII),
        ("email", DECOMPOSED, READABLE),
        ("first_name", unicodedata.normalize("NFD", "Žofie"), "Žofie"),
    ],
)
def test_another_spelling_in_hr_is_no_update(
    engine: Engine, field: str, before: str, after: str
) -> None:
    engine.first_night(person(1, **{field: before}))
    engine.mart(person(1, **{field: after}, payload_hash="other"))
    engine.night()
    assert engine.vendor.calls == []
    engine.mart(person(1, **{field: f"x{after}"}, payload_hash="another"))
    engine.night()
    assert engine.vendor.calls == [("update", "x-p0001")]


@pytest.mark.parametrize("theirs", [ASCII, DECOMPOSED])
def test_an_account_in_another_spelling_is_adopted_and_not_doubled(
    engine: Engine, theirs: str
) -> None:
    engine.first_night(person(2))
    engine.vendor.held["old"] = Account(
        "A", "old", True, fields={"first_name": "Jana", "email": theirs}
    )
    engine.mart(person(1, email=READABLE), person(2))
    engine.night()
    assert engine.operations()["p0001", "A"] == "adopt"
    assert ("create", "x-p0001") not in engine.vendor.calls
    assert engine.vendor.held["old"].fields["email"] == theirs


def test_two_spellings_of_one_address_are_claimed_by_one_person(engine: Engine) -> None:
    engine.first_night(person(1, email=READABLE))
    engine.mart(person(1, email=READABLE), person(2, email=ASCII))
    engine.night()
    claimed = engine.connection.execute("select person_id, holder from temp.plan_refused_claims")
    assert claimed.fetchall() == [("p0002", "p0001")]


def test_a_label_that_is_no_punycode_stays_as_it_is() -> None:
    assert readable_domain("xn--mller-kva.xn--p1ai") == "müller.рф"
    for broken in ("xn---1", "xn--99999999999999999999", "xn--\u0161", "example.nl", ""):
        assert readable_domain(broken) == broken
    assert fold(" Ana@XN--mller-kva.example ") == fold(DECOMPOSED) == READABLE


@pytest.mark.parametrize("leaves", [True, False])
def test_who_leaves_gives_a_value_up_also_where_no_field_changes_with_an_end(
    engine: Engine, leaves: bool
) -> None:
    engine.vendor.traits = replace(TRAITS, released_fields=(), last_day_field=None)
    engine.first_night(person(1), person(2))
    ended = {"desired_state": "ended", "leaving_kind": "ended"} if leaves else {}
    engine.mart(person(1, **ended), person(2, email="p1@example.cz"))
    engine.plan()
    claimed = engine.connection.execute("select person_id, holder from temp.plan_refused_claims")
    assert claimed.fetchall() == ([] if leaves else [("p0002", "p0001")])
