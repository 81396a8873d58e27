"""What the vendor goes on refusing: who is told what, what is tried again, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from people_transforms import conclusion
from people_transforms.conclusion import close_run
from people_transforms.delivery.refusals import note_refusals
from people_transforms.delivery.vendor import Traits
from people_transforms.errors import ConflictError, RejectedError

from .conftest import TRAITS, Engine, MemoryVendor, person

pytestmark = pytest.mark.few(1)

LOGIN = replace(
    TRAITS, required_fields=("email", "first_name"), released_fields=(), kept_when_empty=()
)


@dataclass
class Strict(MemoryVendor):
    """Every account must have an address, and an ended one keeps its own (as at Alleo, perhaps)."""

    traits: Traits = LOGIN

    def _refuse_taken(self, account_key: str, account_id: str | None, fields: Any) -> None:
        email = fields.get("email")
        for other in self.held.values():
            if email and other.account_id != account_id and other.fields.get("email") == email:
                raise ConflictError("Taken.", cause="409 email", field="email")


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Iterator[Engine]:
    engine = make_engine()
    engine.vendor = Strict()
    yield engine


def night(engine: Engine) -> dict[str, dict[str, Any]]:
    """One more business day; its findings about refusals by their code."""
    engine.next_night()
    run_id = f"run-{engine.runs:03}"
    engine.connection.execute("delete from sync.findings")
    note_refusals(engine.connection, engine.vendor.traits, "memory", run_id)
    rows = engine.connection.execute(
        "select code, person_id, args ->> '$.owner', args ->> '$.owners', args ->> '$.on' "
        "from sync.findings"
    ).fetchall()
    return {
        row[0]: dict(zip(("who", "owner", "owners", "on"), row[1:], strict=True)) for row in rows
    }


def emails(engine: Engine) -> dict[str, Any]:
    return {
        str(one.external_id): one.fields["email"]
        for one in engine.vendor.held.values()
        if one.is_active
    }


def gone(number: int) -> dict[str, Any]:
    return person(number, account_key="*", desired_state="ended", leaving_kind="ended")


def test_an_address_on_an_ended_account_is_tried_and_the_vendor_decides(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    newcomer = person(3, email="p1@example.cz", first_name="Eva")
    engine.mart(gone(1), person(2), newcomer)
    told = night(engine)
    assert engine.vendor.calls == [("deactivate", "x-p0001"), ("create", "x-p0003")], "and asked"
    assert told["value_on_ended_account"]["who"] == "p0003"
    assert told["value_on_ended_account"]["owner"] == "Jana"
    engine.vendor.calls.clear()
    assert "value_on_ended_account" in night(engine), "still told"
    assert engine.vendor.calls == [], "and not asked again"


def test_an_address_that_the_vendor_frees_with_the_end_goes_to_the_newcomer(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine()
    engine.vendor.traits = LOGIN
    engine.first_night(person(1), person(2))
    engine.mart(gone(1), person(2), person(3, email="p1@example.cz"))
    assert night(engine) == {}
    assert emails(engine)["x-p0003"] == "p1@example.cz"


def swapped(engine: Engine, *order: int) -> None:
    """Let each of these people have the address of the next one."""
    following = dict(zip(order, (*order[1:], order[0]), strict=True))
    engine.mart(
        *(
            person(n, email=f"p{following.get(n, n)}@example.cz", first_name=f"Name{n}")
            for n in range(1, 5)
        )
    )


@pytest.mark.parametrize("order", [(1, 2), (1, 2, 3), (3, 1, 2)])
@pytest.mark.drawn(2)
def test_a_ring_of_addresses_is_one_sentence_that_names_everybody(
    engine: Engine, order: tuple[int, ...]
) -> None:
    engine.first_night(*(person(n, first_name=f"Name{n}") for n in range(1, 5)))
    swapped(engine, *order)
    told = night(engine)
    assert set(told) == {"values_swapped"}
    assert set(told["values_swapped"]["owners"].split(", ")) == {f"Name{n}" for n in order}
    assert emails(engine) == {f"x-p{n:04}": f"p{n}@example.cz" for n in range(1, 5)}
    # HR gives one of them another address for a night; the rest follows by itself.
    wanted = dict(zip(order, (*order[1:], order[0]), strict=True))
    rows = [
        person(n, email=f"p{wanted.get(n, n)}@example.cz", first_name=f"Name{n}")
        for n in range(1, 5)
    ]
    rows[order[0] - 1]["email"] = "between@example.cz"
    engine.mart(*rows)
    for _ in order:
        night(engine)
    assert emails(engine)[f"x-p{order[0]:04}"] == "between@example.cz"
    swapped(engine, *order)
    assert night(engine) == {}
    assert emails(engine) == {f"x-p{n:04}": f"p{wanted.get(n, n)}@example.cz" for n in range(1, 5)}


def test_a_chain_is_no_ring(engine: Engine) -> None:
    engine.first_night(*(person(n) for n in range(1, 4)))
    engine.mart(person(1, email="p2@example.cz"), person(2, email="new@example.cz"), person(3))
    assert night(engine) == {}
    assert emails(engine)["x-p0001"] == "p2@example.cz"


def test_a_refused_end_is_tried_every_night_and_told_after_three(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(gone(1), person(2))
    refused = RejectedError("Locked.", cause="423")
    engine.vendor.failures[("deactivate", "x-p0001")] = [refused] * 4
    first = engine.as_of + dt.timedelta(days=1)
    assert [set(night(engine)) for _ in range(3)] == [set(), set(), {"end_refused"}]
    assert night(engine)["end_refused"]["on"] == str(first)
    assert engine.vendor.held["1"].is_active
    letters = engine.connection.execute("select attempts from sync.dead_letters").fetchall()
    assert letters == [(4,)]
    assert night(engine) == {}
    assert not engine.vendor.held["1"].is_active
    assert engine.connection.execute("select * from sync.dead_letters").fetchall() == []


def test_a_second_attempt_of_one_day_is_no_other_day(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(gone(1), person(2))
    refused = RejectedError("Locked.", cause="423")
    engine.vendor.failures[("deactivate", "x-p0001")] = [refused] * 4
    for _ in range(3):
        engine.night()
    assert "end_refused" not in night(engine)


def test_a_value_of_an_account_that_does_not_follow_hr_is_told(engine: Engine) -> None:
    engine.first_night(person(2))
    engine.vendor.create("A", "y-guest", {"first_name": "Host", "email": "p1@example.cz"})
    engine.mart(person(1), person(2))
    assert set(night(engine)) == set(), "held: the plan saw it"
    assert engine.held() == {"p0001": "conflict"}
    engine.mart(person(1, email="p1@example.cz"), person(2, email="guest@example.cz"))
    engine.vendor.create("A", "y-guest2", {"first_name": "Host", "email": "guest@example.cz"})
    assert night(engine)["value_held_there"]["who"] == "p0002"


def test_what_hr_no_longer_wants_is_not_refused_any_more(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.vendor.create("A", "y-guest", {"first_name": "Host", "email": "guest@example.cz"})
    engine.mart(person(1, email="guest@example.cz"), person(2))
    refused = "select count(*) from sync.dead_letters where not settled"
    for _ in range(2):
        night(engine)
        assert engine.connection.execute(refused).fetchone() == (1,)
    engine.mart(person(1), person(2))
    assert night(engine) == {}
    assert engine.connection.execute(refused).fetchone() == (0,)


@dataclass
class Everywhere(MemoryVendor):
    """A platform that wants a value once in all its places."""

    field: str = "chip_number"

    def _refuse_taken(self, account_key: str, account_id: str | None, fields: Any) -> None:
        value = fields.get(self.field)
        for other in self.held.values():
            is_other = other.is_active and other.account_id != account_id
            if value and is_other and other.fields.get(self.field) == value:
                raise ConflictError("Taken.", cause=f"409 {self.field}", field=self.field)


def chips(engine: Engine) -> dict[str, Any]:
    return {str(one.external_id): one.fields["chip_number"] for one in engine.vendor.held.values()}


@pytest.mark.parametrize("giver", [1, 3])
def test_a_chip_that_somebody_at_another_place_hands_on_is_taken(
    make_engine: Callable[..., Engine], giver: int
) -> None:
    engine = make_engine()
    engine.vendor = Everywhere()
    there = person(giver, account_key="B", chip_number="C1")
    engine.first_night(there, person(2, chip_number="C2"))
    engine.mart({**there, "chip_number": "C3"}, person(2, chip_number="C1"))
    assert night(engine) == {}
    assert chips(engine) == {f"x-p000{giver}": "C3", "x-p0002": "C1"}


def test_a_chip_that_somebody_at_another_place_keeps_is_told_and_tried_when_it_is_free(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine()
    engine.vendor = Everywhere()
    there = person(1, account_key="B", chip_number="C1")
    engine.first_night(there, person(2, chip_number="C2"))
    taker = person(2, chip_number="C1")
    engine.mart(there, taker)
    for _ in range(2):
        assert night(engine)["value_taken"]["who"] == "p0002"
    assert len(engine.vendor.calls) == 1, "control: what is refused is not sent again"
    engine.mart({**there, "chip_number": "C3"}, taker)
    # Tried on the night on which it becomes free, or on the next.
    for _ in range(2):
        found = night(engine)
    assert (found, chips(engine)) == ({}, {"x-p0001": "C3", "x-p0002": "C1"})


@pytest.mark.parametrize("field", ["chip_number", "email"])
def test_a_value_of_the_persons_own_account_elsewhere_is_nothing_to_mend(
    make_engine: Callable[..., Engine], field: str
) -> None:
    """One person at two places: told once more each night, and refused no more."""
    traits = replace(TRAITS, required_fields=("email",) if field == "email" else ())
    engine = make_engine()
    engine.vendor = Everywhere(traits=traits, field=field)
    here = person(1, account_key="A", chip_number="C1")
    engine.first_night(here, person(2, account_key="B"))
    engine.mart(here, {**here, "account_key": "B"}, person(2, account_key="B"))
    code = "value_own_elsewhere" if field == "chip_number" else "login_own_elsewhere"
    for _ in range(2):
        assert {name: one["who"] for name, one in night(engine).items()} == {code: "p0001"}
        refused = conclusion._refused(engine.connection, f"run-{engine.runs:03}")
        assert refused.people == (field == "email")
        close_run(engine.connection, engine.vendor, engine._night(f"run-{engine.runs:03}"))
        status = engine.connection.execute(
            "select status from sync.runs order by run_id desc limit 1"
        ).fetchone()
        assert (status == ("partly",)) is (field == "email")
    assert len(engine.vendor.calls) == (2 if field == "chip_number" else 1)
    if field == "email":
        return  # who moves keeps the old account until the new one is there
    # When the other account ends and gives it up, it follows.
    engine.mart(
        {**here, "account_key": "B"},
        {**here, "desired_state": "ended", "leaving_kind": "routed_away"},
        person(2, account_key="B"),
    )
    for _ in range(2):
        found = night(engine)
    assert found == {}
