"""What the brakes hold although each night looks ordinary, and what they let go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Engine, person
from .test_gate import leaver

pytestmark = pytest.mark.few(1)

OFF = {"removals_7_days": None}


def staff(
    people: int, leaving: int = 0, ends_on: dt.date | None = None, **fields: Any
) -> list[dict[str, Any]]:
    """So many people, of whom the first leave."""
    return [
        *(leaver(n, ends_on=ends_on) for n in range(1, leaving + 1)),
        *(person(n, **fields) for n in range(leaving + 1, people + 1)),
    ]


def active(engine: Engine) -> int:
    return sum(account.is_active for account in engine.vendor.held.values())


def kinds(engine: Engine) -> list[str]:
    return [hold.kind for hold in engine.holds]


# So many of sixty are gone after each of six nights: just under a tenth of those who were left.
LEAK = (5, 10, 14, 18, 22, 25)
PAST = dt.date(2026, 2, 28)


def leave_little_by_little(engine: Engine, nights: int = 6) -> None:
    engine.first_night(*staff(60))
    for gone in LEAK[:nights]:
        engine.mart(*staff(60, gone, PAST))
        engine.next_night()


def test_a_leak_of_just_under_a_tenth_a_night_is_held_within_the_week(engine: Engine) -> None:
    leave_little_by_little(engine, 4)
    assert (active(engine), kinds(engine)) == (46, ["removals_7_days"])
    assert engine.holds[0].reason == (
        "18 removals within seven days of 60 active accounts in total (held from 15)"
    )
    engine.mart(*staff(60, 30, PAST))
    engine.next_night()
    assert active(engine) == 46, "nor do more of them go on the nights after"


def test_without_memory_the_leak_goes_on(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(brakes=OFF)
    leave_little_by_little(engine)
    assert active(engine) == 35, "the control"


def test_an_ordinary_leaver_goes_when_the_week_is_over(engine: Engine) -> None:
    leave_little_by_little(engine, 2)
    engine.as_of += dt.timedelta(days=6)
    engine.mart(*staff(60, 14, PAST))
    engine.next_night()
    assert (active(engine), kinds(engine)) == (46, [])


def test_who_has_approved_a_wave_is_not_asked_about_the_next_leaver(engine: Engine) -> None:
    engine.first_night(*staff(60))
    engine.mart(*staff(60, 20, PAST))
    engine.next_night()
    engine.approve()
    engine.next_night()
    assert active(engine) == 40
    engine.mart(*staff(60, 22, PAST))
    engine.next_night()
    assert (active(engine), kinds(engine)) == (38, [])


@pytest.mark.parametrize("people", [5, 8, 12])
@pytest.mark.drawn(1)
def test_a_small_firm_of_which_now_and_then_somebody_leaves_is_not_held(
    engine: Engine, people: int
) -> None:
    engine.first_night(*staff(people))
    for leaving in (1, 2, 4):
        engine.mart(*staff(people, leaving, PAST))
        engine.next_night()
        assert engine.holds == []


@pytest.mark.drawn(3)
@pytest.mark.parametrize(("days", "held"), [(1, True), (2, True), (4, False), (14, False)])
def test_a_mass_edit_is_announced_only_when_it_was_known_for_days(
    engine: Engine, days: int, held: bool
) -> None:
    engine.first_night(*staff(60))
    last_day = engine.as_of + dt.timedelta(days=days)
    while engine.as_of < last_day:
        engine.mart(
            *(person(n, ends_on=last_day) for n in range(1, 29)),
            *(person(n) for n in range(29, 61)),
        )
        engine.next_night()
        assert active(engine) == 60
    engine.mart(*staff(60, 28, last_day))
    engine.next_night()
    assert (active(engine), kinds(engine)) == ((60, ["removals"]) if held else (32, []))


def test_days_that_a_connection_did_not_run_are_days_all_the_same(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine(announced_after_days=1)
    last_day = engine.as_of
    engine.first_night(*(person(n, ends_on=last_day) for n in range(1, 61)))
    engine.mart(*staff(60, 28, last_day))
    engine.next_night()
    assert active(engine) == 32, "the setting says how many"


def invited(engine: Engine, people: int, **settings: Any) -> list[str]:
    """Let everybody be invited from now on, after a silent import; say who was."""
    engine.first_night(*staff(people))
    engine.settings = engine.settings.model_copy(
        update={"invitations": "all_not_yet_invited", **settings}
    )
    engine.next_night()
    return [who for operation, who in engine.vendor.calls if operation == "invite"]


def test_everybody_invited_after_a_change_of_a_setting_is_held(engine: Engine) -> None:
    assert invited(engine, 60) == []
    assert [(hold.kind, hold.count) for hold in engine.holds] == [("invitations", 60)]
    engine.approve()
    engine.night()
    assert len(engine.vendor.calls) == 60, "an approval releases them"


@pytest.mark.parametrize(("people", "settings"), [(4, {}), (60, {"max_invitations_per_run": 4})])
def test_a_few_invitations_a_night_are_not_held(
    engine: Engine, people: int, settings: dict[str, Any]
) -> None:
    assert len(invited(engine, people, **settings)) == 4


CHANGES: dict[str, Callable[[int], dict[str, Any]]] = {
    "every chip": lambda n: {"chip_number": f"D{n}"},
    "every name with its e-mail": lambda n: {
        "first_name": f"Eva{n}",
        "email": f"eva{n}@example.cz",
        "chip_number": f"C{n}",
    },
}


@pytest.mark.drawn(2)
@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize(("changed", "held"), [(12, True), (3, True), (2, False)])
def test_who_an_account_is_does_not_change_for_many_at_once(
    engine: Engine, what: str, changed: int, held: bool
) -> None:
    everybody = [person(n, chip_number=f"C{n}") for n in range(1, 13)]
    engine.first_night(*everybody)
    others = [person(n) | CHANGES[what](n) for n in range(1, changed + 1)]
    engine.mart(*others, *everybody[changed:])
    engine.night()
    assert kinds(engine) == (["identity_changes"] if held else [])
    assert len([c for c in engine.vendor.calls if c[0] == "update"]) == (0 if held else changed)


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": "Eva", "chip_number": "{}"},
        {"chip_number": "{}", "email": "p{}@new.example.cz"},
    ],
    ids=["names", "a new domain"],
)
def test_one_of_them_alone_is_hrs_ordinary_work(engine: Engine, change: dict[str, str]) -> None:
    everybody = [person(n, chip_number=str(n)) for n in range(1, 13)]
    engine.first_night(*everybody)
    engine.mart(
        *(
            person(n) | {name: value.format(n) for name, value in change.items()}
            for n in range(1, 13)
        )
    )
    engine.night()
    assert kinds(engine) == []
