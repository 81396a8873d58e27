"""An id is not a person: records typed anew, ids given to somebody else. Each with its control."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from people_transforms.findings import store_findings

from .conftest import NOW, Engine

pytestmark = pytest.mark.few(1)

MakeEngine = Callable[..., Engine]
Person = Mapping[str, Any]
BIRTH = dt.date(1990, 5, 17)
CREW = [{"person_id": f"c{n:02}"} for n in range(6)]
JAN = {
    "person_id": "old",
    "personal_number": "0042",
    "first_name": "Jan",
    "last_name": "Novák",
    "business_email": "jan@example.cz",
    "birth_on": BIRTH,
    "chip_numbers": ["C1"],
}


def hr(engine: Engine, *people: Person) -> None:
    """HR lists these people and the crew; who is employed is to have an account at A."""
    everybody = [*CREW, *people]
    rows = [dict(one) for one in everybody]
    places = [row.pop("account_key", "A") for row in rows]
    engine.people(*rows)
    engine.mart(*(_wanted(row, place) for row, place in zip(rows, places, strict=True)))


def _wanted(row: Person, place: str) -> dict[str, Any]:
    ended = row.get("employment_status", "employed") != "employed"
    how = (
        {"account_key": "*", "desired_state": "ended", "leaving_kind": "ended"}
        if ended
        else {"account_key": place}
    )
    return {
        "person_id": row["person_id"],
        "employer_id": row.get("employer_id", "E1"),
        "first_name": row.get("first_name", "Jana"),
        "email": row.get("business_email", f"{row['person_id']}@example.cz"),
        "chip_number": (row.get("chip_numbers") or [None])[0],
        "spell_starts_on": row.get("spell_starts_on", dt.date(2025, 1, 1)),
        **how,
    }


def begin(engine: Engine, *people: Person) -> None:
    hr(engine, *people)
    engine.plan()
    engine.approve()
    engine.next_night()
    engine.next_night()
    engine.vendor.calls.clear()


def active(engine: Engine) -> dict[str, str]:
    """The active accounts beside the crew's: external id → account."""
    return {
        account.external_id or "": account.account_id
        for account in engine.vendor.held.values()
        if account.is_active and not (account.external_id or "").startswith("x-c")
    }


def codes(engine: Engine) -> dict[str, str]:
    store_findings(engine.connection, f"run-{engine.runs:03}")
    return dict(
        engine.connection.execute(
            "select code, person_id from sync.findings where person_id not like 'c%'"
        ).fetchall()
    )


def anew(**changes: Any) -> dict[str, Any]:
    return {**JAN, "person_id": "new", **changes}


@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"first_name": " JAN", "last_name": "Nova\u0301k", "business_email": "Jan@Example.cz "},
        {"birth_on": None},
        {"chip_numbers": ["C2"]},
        {"chip_numbers": [], "birth_on": None},
        {"employer_id": "E2", "personal_number": "7"},
        {"spell_starts_on": dt.date(2026, 3, 1)},
    ],
)
@pytest.mark.parametrize("when_absent", ["end", "report"])
@pytest.mark.some(1)
def test_somebody_typed_anew_keeps_the_account(
    make_engine: MakeEngine, typed: dict[str, Any], when_absent: str
) -> None:
    engine = make_engine(when_absent=when_absent, invitations="all_not_yet_invited")
    begin(engine, JAN)
    before = active(engine)
    hr(engine, anew(**typed))
    engine.next_night()
    assert active(engine) == {"x-new": before["x-old"]}
    assert codes(engine) == {"person_rekeyed": "new"}
    for _ in range(3):
        engine.next_night()
    assert active(engine) == {"x-new": before["x-old"]}
    assert codes(engine) == {}
    assert set(engine.vendor.calls) == {("update", "x-old")}, "no second mail"


def test_whoever_is_gone_and_like_nobody_is_ended(make_engine: MakeEngine) -> None:
    engine = make_engine(when_absent="end")
    begin(engine, JAN)
    hr(engine, {"person_id": "new"})
    engine.next_night()
    engine.next_night()
    assert set(active(engine)) == {"x-new"}


@pytest.mark.parametrize(
    "ended",
    [{"employment_status": "employment_ended"}, {"employment_status": "no_employment"}],
)
def test_a_rehire_under_a_new_id_gets_the_same_account_back(
    engine: Engine, ended: dict[str, Any]
) -> None:
    begin(engine, JAN)
    account = active(engine)["x-old"]
    left = {**JAN, "employment_status": "employment_ended"}
    hr(engine, left)
    engine.next_night()
    assert active(engine) == {}
    hr(engine, {**left, **ended}, anew(spell_starts_on=NOW.date()))
    engine.next_night()
    assert active(engine) == {"x-new": account}
    engine.vendor.calls.clear()
    engine.next_night()
    assert engine.vendor.calls == []
    # Both records have ended: neither takes the account from the other.
    hr(engine, left, anew(employment_status="employment_ended"))
    engine.next_night()
    engine.next_night()
    assert engine.vendor.calls == [("deactivate", "x-new")]


def test_a_move_to_another_place_under_a_new_id_is_a_move(engine: Engine) -> None:
    begin(engine, JAN)
    hr(engine, anew(account_key="B"))
    engine.next_night()
    engine.next_night()
    held = {
        a.account_key: a.is_active
        for a in engine.vendor.held.values()
        if a.fields["first_name"] == "Jan"
    }
    assert held == {"A": False, "B": True}


def test_a_store_that_is_lost_afterwards_finds_the_account_again(engine: Engine) -> None:
    begin(engine, JAN)
    account = active(engine)["x-old"]
    hr(engine, anew())
    engine.next_night()
    for table in ("ledger", "identities", "invitations"):
        engine.connection.execute(f"delete from sync.{table}")
    engine.vendor.calls.clear()
    engine.next_night()
    assert active(engine) == {"x-new": account}
    assert [call for call, _ in engine.vendor.calls] == []


SON = {"first_name": "Jan", "last_name": "Novák", "personal_number": "77", "chip_numbers": []}


@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    ("typed", "is_asked"),
    [
        # A father and a son with one name and one address.
        (SON | {"birth_on": dt.date(2004, 1, 1)}, False),
        (SON | {"birth_on": None}, False),
        # Twins, and a stranger who got the number.
        ({"first_name": "Jiří", "personal_number": "43", "chip_numbers": []}, False),
        ({"last_name": "Malý", "business_email": "m@example.cz", "birth_on": None}, False),
        # Number and name alone; then with another address, after a wedding, with another number.
        ({"business_email": None, "birth_on": None, "chip_numbers": []}, True),
        ({"business_email": "novak@example.cz", "chip_numbers": []}, True),
        ({"last_name": "Malý", "chip_numbers": []}, True),
        ({"personal_number": "99"}, True),
    ],
)
@pytest.mark.some(1)
def test_with_less_nobody_takes_an_account_over(
    make_engine: MakeEngine, typed: dict[str, Any], is_asked: bool
) -> None:
    engine = make_engine(when_absent="end")
    begin(engine, JAN)
    account = active(engine)["x-old"]
    hr(engine, anew(**typed))
    engine.next_night()
    engine.next_night()
    assert active(engine).get("x-new") != account
    found = codes(engine)
    if is_asked:
        assert active(engine) == {"x-old": account}, "neither made nor ended"
        assert found["person_looks_known"] == "new"
        assert set(engine.held().values()) == {"rekeyed"}
        assert {hold.kind for hold in engine.holds} == {"rekeyed"}
        engine.approve()
        engine.next_night()
        engine.next_night()
        assert "x-old" not in active(engine), "released: it is somebody else"
    else:
        assert "person_looks_known" not in found
        assert "rekeyed" not in engine.held().values()


def test_two_records_that_fit_one_person_fit_nobody(engine: Engine) -> None:
    begin(engine, JAN)
    hr(engine, anew(), anew(person_id="newer"))
    engine.next_night()
    assert set(active(engine)) == {"x-old"}
    assert engine.held() == {"new": "rekeyed", "newer": "rekeyed"}


def test_a_record_that_comes_back_takes_its_account_back(engine: Engine) -> None:
    begin(engine, JAN)
    account = active(engine)["x-old"]
    hr(engine, anew())
    engine.next_night()
    hr(engine, JAN)
    engine.next_night()
    assert active(engine) == {"x-old": account}


STRANGER = {
    **JAN,
    "personal_number": "0815",
    "first_name": "Karel",
    "last_name": "Dvořák",
    "business_email": "karel@example.cz",
    "birth_on": dt.date(1979, 2, 3),
}


@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    "typed",
    [
        STRANGER,
        STRANGER | {"birth_on": BIRTH},
        STRANGER | {"personal_number": "0042"},
        STRANGER | {"business_email": None},
        STRANGER | {"employment_status": "employment_ended"},
    ],
)
@pytest.mark.long
def test_an_id_that_somebody_else_has_now_is_held_until_released(
    engine: Engine, typed: Person
) -> None:
    begin(engine, JAN)
    hr(engine, typed)
    for _ in range(3):
        engine.next_night()
        assert engine.vendor.calls == []
        assert engine.held() == {"old": "identity"}
        assert codes(engine)["person_replaced"] == "old"
    engine.approve()
    # The same day: an end without a day of its own tells yesterday, which is another change tomorrow.
    engine.night()
    assert len(engine.vendor.calls) == 1
    engine.next_night()
    assert len(engine.vendor.calls) == 1
    assert codes(engine) == {}


@pytest.mark.parametrize(
    "typed",
    [
        # A wedding, a new numbering, an address of the new company.
        {"last_name": "Malý", "business_email": "maly@example.cz", "first_name": "Johan"},
        {"personal_number": "9042", "business_email": "jan@new.example"},
        {"last_name": "Malý", "personal_number": "9042"},
        # Columns that don't arrive.
        {"last_name": "Malý", "personal_number": None, "birth_on": None, "business_email": None},
    ],
)
@pytest.mark.long
def test_an_ordinary_change_is_no_stranger(engine: Engine, typed: dict[str, Any]) -> None:
    begin(engine, JAN)
    hr(engine, {**JAN, **typed})
    engine.next_night()
    assert engine.held() == {}
    assert codes(engine) == {}


def test_what_no_longer_arrives_is_still_known(engine: Engine) -> None:
    begin(engine, JAN)
    hr(engine, {**JAN, "personal_number": None, "birth_on": None, "business_email": None})
    engine.next_night()
    hr(engine, STRANGER)
    engine.vendor.calls.clear()
    engine.next_night()
    assert (engine.held(), engine.vendor.calls) == ({"old": "identity"}, [])


def test_several_strangers_hold_the_whole_run(engine: Engine) -> None:
    others = [{**JAN, "person_id": f"o{n}", "personal_number": f"o{n}"} for n in range(3)]
    others = [
        one | {"business_email": f"{one['person_id']}@x.cz", "chip_numbers": []} for one in others
    ]
    more = [{"person_id": f"c{n:02}"} for n in range(10, 30)]
    begin(engine, *others, *more)
    strangers = [
        one | {"last_name": "Jiná", "personal_number": f"s{n}", "business_email": f"s{n}@x.cz"}
        for n, one in enumerate(others)
    ]
    # Two of so many are two mistakes, and nobody else waits for them.
    hr(engine, *strangers[:2], others[2], {"person_id": "joiner"}, *more)
    engine.next_night()
    assert engine.held() == {"o0": "identity", "o1": "identity"}
    assert [call for call, _ in engine.vendor.calls] == ["create"]
    engine.vendor.calls.clear()
    hr(engine, *strangers, {"person_id": "joiner"}, {"person_id": "another"}, *more)
    for _ in range(2):
        engine.next_night()
        assert engine.vendor.calls == []
        assert engine.held()["another"] == "wrong_source"
    # The right account again: as if nothing had been.
    hr(engine, *others, {"person_id": "joiner"}, *more)
    engine.next_night()
    assert (engine.vendor.calls, engine.held()) == ([], {})
