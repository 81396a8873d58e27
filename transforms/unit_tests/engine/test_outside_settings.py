"""A place that the settings no longer name is left alone: nothing is changed, ended or released."""

from __future__ import annotations

from typing import Any

import pytest
from people_transforms.errors import ConfigError

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)


def name_places(engine: Engine, *places: tuple[str | None, str]) -> None:
    """Let the settings name these places, each with its employer or for all of them."""
    engine.connection.execute("delete from mart.allowed_places")
    engine.connection.executemany("insert into mart.allowed_places values (?, ?)", places)


def leaver(number: int) -> dict[str, Any]:
    return person(
        number, account_key="*", desired_state="ended", leaving_kind="ended", reason="ended"
    )


CHANGES = {
    "update": [person(1, first_name="Eva"), person(2)],
    "deactivate": [leaver(1), person(2)],
}


@pytest.mark.parametrize("operation", ["update", "deactivate"])
def test_nothing_is_sent_to_a_place_that_was_taken_out(engine: Engine, operation: str) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(*CHANGES[operation])
    name_places(engine, (None, "B"))
    engine.night()
    assert engine.vendor.calls == []
    assert engine.held() == {"p0001": "outside_settings"}
    with pytest.raises(ConfigError):
        engine.approve()
    engine.night()
    assert engine.vendor.calls == [], "only the settings release it"
    name_places(engine, (None, "A"))
    engine.night()
    assert engine.vendor.calls == [(operation, "x-p0001")]


@pytest.mark.parametrize(
    ("places", "sent"),
    [
        ([("E1", "A"), ("E2", "A")], True),
        ([("E2", "A")], False),
        ([("E1", "B"), ("E2", "A")], True),
        ([(None, "*")], True),
        ([], False),
    ],
)
@pytest.mark.drawn(3)
def test_where_places_are_an_employers_the_employer_must_take_part(
    engine: Engine, places: list[tuple[str | None, str]], sent: bool
) -> None:
    engine.first_night(person(1))
    engine.mart(person(1, first_name="Eva"))
    name_places(engine, ("E9", "C"), *places)
    engine.night()
    assert bool(engine.vendor.calls) == sent


def test_a_move_out_of_such_a_place_leaves_the_old_account_as_it_is(engine: Engine) -> None:
    """Not even its chip is released: it is not tied to the new account."""
    engine.first_night(person(1, chip_number="C1"))
    engine.mart(person(1, chip_number="C1", account_key="B"))
    name_places(engine, (None, "B"))
    engine.night()
    assert engine.vendor.calls == [("create", "x-p0001")]
    assert engine.connection.execute(
        "select account_key, operation, hold, moves_from from temp.plan_planned order by all"
    ).fetchall() == [
        ("A", "deactivate", "outside_settings", None),
        ("B", "create", None, None),
    ]
