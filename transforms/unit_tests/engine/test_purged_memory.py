"""What a purge of the past must not make the gate forget: removals of a week, and questions answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import GoneError
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.models.contracts import raw_streams
from people_transforms.privacy import out_of_scope, retention
from people_transforms.privacy.pseudonyms import PREFIX, use_key
from people_transforms.settings import Retention

from .conftest import TRAITS, Engine, person
from .test_approvals import staff
from .test_brakes import LEAK, active, kinds
from .test_what_was_reached import appears

pytestmark = pytest.mark.few(1)

STREAMS = [*raw_streams("alveno").values()]
KEPT_A_DAY = {
    "all": Retention(plan=0, deliveries=0, findings=0),
    "the plan": Retention(plan=0),
    "the log": Retention(deliveries=0),
}
RIGHT = {"plan": "sync.plan", "deliveries": "sync.deliveries"}


@pytest.fixture
def make_purged(make_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """Make an engine whose `purge` is what a night does when it is settled."""

    def make(**settings: Any) -> Engine:
        engine = make_engine(**settings)
        engine.connection.execute("alter table people.people add column death_on date")
        return engine

    return make


def purge(engine: Engine, kept: Retention) -> int:
    return retention.apply(
        engine.connection, kept, (), run_id=f"run-{engine.runs:03}", as_of=engine.as_of
    )


def of(engine: Engine, table: str, *numbers: int) -> int:
    """How many rows of past runs are about these people."""
    row = engine.connection.execute(
        f"select count(*) from {table} where run_id <> ? and list_contains(?, person_id)",
        [f"run-{engine.runs:03}", [f"p{number:04}" for number in numbers]],
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("what", KEPT_A_DAY)
def test_a_slow_drain_is_held_although_each_leaver_is_forgotten_the_next_day(
    make_purged: Callable[..., Engine], what: str
) -> None:
    engine = make_purged()
    engine.first_night(*staff(60))
    for gone in LEAK[:4]:
        engine.mart(*staff(60, gone))
        engine.next_night()
        purge(engine, KEPT_A_DAY[what])
    for kind, table in RIGHT.items():
        if getattr(KEPT_A_DAY[what], kind) == 0:
            assert of(engine, table, *range(1, 11)) == 0, "control: they are forgotten"
    assert (active(engine), kinds(engine)) == (46, ["removals_7_days"])
    assert engine.holds[0].reason.startswith("18 removals within seven days of 60 active accounts")


def test_what_was_kept_of_a_drain_is_over_with_the_week(
    make_purged: Callable[..., Engine],
) -> None:
    engine = make_purged()
    engine.first_night(*staff(60))
    for gone in LEAK[:3]:
        engine.mart(*staff(60, gone))
        engine.next_night()
        purge(engine, KEPT_A_DAY["all"])
    engine.as_of += dt.timedelta(days=7)
    engine.mart(*staff(60, 18))
    engine.next_night()
    assert (active(engine), kinds(engine)) == (42, [])


@pytest.mark.drawn(2)
@pytest.mark.parametrize("what", KEPT_A_DAY)
@pytest.mark.parametrize("by_configuration", [False, True])
def test_an_approval_that_was_used_up_stays_so_when_its_night_is_purged(
    make_purged: Callable[..., Engine], what: str, by_configuration: bool
) -> None:
    engine = make_purged(brakes={"removals_7_days": None})
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.next_night()
    asked = engine.plan_hash
    if by_configuration:
        engine.settings = engine.settings.model_copy(update={"approved_plan": asked})
    else:
        engine.approve()
    engine.night()
    assert active(engine) == 28
    for _ in range(2):
        engine.next_night()
        purge(engine, KEPT_A_DAY[what])
    for kind, table in RIGHT.items():
        if getattr(KEPT_A_DAY[what], kind) == 0:
            assert of(engine, table, *range(1, 13)) == 0, "control: they are forgotten"
    engine.mart(*staff(40))
    engine.next_night()
    engine.approve()
    engine.night()
    assert active(engine) == 40, "HR brought them back"
    engine.vendor.calls.clear()
    engine.mart(*staff(40, 12))
    engine.next_night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["removals"])
    assert engine.plan_hash != asked


def test_who_is_hidden_behind_a_pseudonym_counts_for_the_week_and_for_the_answers(
    make_purged: Callable[..., Engine],
) -> None:
    engine = make_purged()
    create_raw_tables(engine.connection, STREAMS)
    use_key(engine.connection, b"k" * 32)
    traits = engine.vendor.traits = replace(TRAITS, out_of_scope=("ldid_zero",))
    opted = [
        person(
            n,
            account_key="*",
            desired_state="ended",
            leaving_kind="opted_out",
            reason="ldid_zero",
        )
        for n in range(1, 41)
    ]
    engine.first_night(*staff(60))

    def off(gone: int) -> None:
        out_of_scope.restore(engine.connection, traits)
        engine.people(*({"person_id": f"p{n:04}"} for n in range(1, 61)))
        engine.mart(*opted[:gone], *staff(60)[gone:])
        engine.next_night()
        out_of_scope.hide(
            engine.connection,
            traits,
            STREAMS,
            source_system="alveno",
            run_id=f"run-{engine.runs:03}",
        )

    for gone in LEAK[:4]:
        off(gone)
    assert (active(engine), kinds(engine)) == (46, ["removals_7_days"])
    answered = engine.connection.execute("select person_id from sync.answered").fetchall()
    assert answered
    assert all(who.startswith(PREFIX) for (who,) in answered), "nobody is named"


ANNA = {
    "person_id": "p0001",
    "personal_number": "0042",
    "first_name": "Anna",
    "last_name": "Veselá",
    "business_email": "p1@example.cz",
    "birth_on": dt.date(1990, 5, 17),
    "chip_numbers": ["C1"],
}
BEA = {
    "first_name": "Bea",
    "last_name": "Malá",
    "business_email": "bea@example.cz",
    "birth_on": dt.date(1985, 1, 2),
    "chip_numbers": ["C2"],
}


@pytest.mark.parametrize(
    ("typed", "is_held"),
    [
        (BEA | {"personal_number": "0099"}, True),
        (BEA, True),
        (BEA | {"personal_number": "0099", "birth_on": None}, True),
        ({}, False),
        ({"last_name": "Nová", "personal_number": "0099"}, False),
        (BEA | {"business_email": "P1@example.cz"}, False),
    ],
)
@pytest.mark.drawn(3)
def test_an_id_that_somebody_else_has_by_now_is_no_return(
    make_purged: Callable[..., Engine],
    typed: dict[str, Any],
    is_held: bool,
) -> None:
    """Who took no part was forgotten but for pseudonyms, also of what tells the person."""
    engine = make_purged()
    create_raw_tables(engine.connection, STREAMS)
    use_key(engine.connection, b"k" * 32)
    traits = engine.vendor.traits = replace(TRAITS, out_of_scope=("ldid_zero",))
    crew = staff(9)[1:]
    engine.people(ANNA)
    engine.first_night(person(1), *crew)
    out = person(1, account_key="*", desired_state="ended", leaving_kind="opted_out")

    def night(someone: dict[str, Any], *rows: dict[str, Any]) -> None:
        engine.people(someone)
        engine.mart(*rows, *crew)
        out_of_scope.restore(engine.connection, traits)
        engine.next_night()
        out_of_scope.hide(
            engine.connection, traits, STREAMS, source_system="test", run_id=f"run-{engine.runs:03}"
        )

    for _ in range(2):
        night(ANNA, out | {"reason": "ldid_zero"})
    night(ANNA | typed, out | {"reason": "ldid_zero"})
    kept = engine.connection.execute("select * from sync.identities").fetchall()
    assert len(kept) == 1 and not any(word in str(kept).lower() for word in ("anna", "ves", "@"))
    assert "datetime.date" not in str(kept) and "'0042'" not in str(kept)
    engine.vendor.calls.clear()
    night(ANNA | typed, person(1, first_name=str(typed.get("first_name", "Anna"))))
    assert list(engine.held().values()) == ["identity"] * is_held
    assert (("activate", "x-p0001") in engine.vendor.calls) is not is_held


ONE = {"at_least": 1, "share": 0}


def test_a_create_that_became_an_adoption_has_used_its_approval_up(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(brakes={"additions": ONE})
    engine.first_night(*staff(10))
    engine.mart(*staff(10), person(11))
    engine.plan()
    engine.approve()
    fields = {"email": "p11@example.cz", "first_name": "Jana"}
    appears(engine, Account("A", "h1", True, "", fields=fields))
    engine.night()
    assert (engine.holds, engine.vendor.held["h1"].external_id) == ([], "x-p0011"), "control"
    # Somebody deletes the account: the same change waits, and is a new question.
    del engine.vendor.held["h1"]
    engine.connection.execute("delete from sync.ledger where person_id = 'p0011'")
    engine.vendor.calls.clear()
    engine.night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["additions"])


def test_an_update_that_became_a_creation_has_used_its_approval_up(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(brakes={"updates": ONE})
    engine.first_night(*staff(10))
    engine.mart(person(1, first_name="Eva"), *staff(10)[1:])
    engine.plan()
    engine.approve()
    del engine.vendor.held["1"]
    update = engine.vendor.update

    def missing(key: str, account_id: str, *more: Any) -> Account:
        if account_id not in engine.vendor.held:
            raise GoneError("Gone.", cause="404")
        return update(key, account_id, *more)

    engine.vendor.update = missing  # type: ignore[method-assign]
    engine.night()
    assert (engine.holds, engine.vendor.calls) == ([], [("create", "x-p0001")]), "control"
    engine.connection.execute(
        "update sync.ledger set payload_hash = null, account_id = '1', "
        'fields = json_merge_patch(fields, \'{"first_name": "Jana"}\') '
        "where person_id = 'p0001'"
    )
    engine.vendor.calls.clear()
    engine.night()
    assert (engine.vendor.calls, kinds(engine)) == ([], ["updates"])
