"""A yes to some of the held rows: it releases these, and says nothing about the others."""

from __future__ import annotations

import pytest
from people_transforms.errors import ConfigError
from people_transforms.planning.approvals import accepted_runs, approve

from .conftest import NOW, Engine, person
from .test_approvals import staff

pytestmark = pytest.mark.few(1)


def waiting(engine: Engine) -> dict[str, str]:
    """Give the person of each row that waits, by the row's hash."""
    return dict(
        engine.connection.execute(
            "select row_hash, person_id from sync.plan "
            "where run_id = (select max(run_id) from sync.plan) and hold is not null "
            "and operation <> 'none' order by person_id"
        ).fetchall()
    )


def say_yes(engine: Engine, rows: list[str]) -> dict[str, int]:
    return approve(engine.connection, engine.plan_hash, "desk", NOW, source="desk", rows=rows)


@pytest.fixture
def held(engine: Engine) -> Engine:
    engine.first_night(*staff(40))
    engine.mart(*staff(40, 12))
    engine.night()
    assert len(engine.held()) == 12
    return engine


def test_only_the_rows_that_were_approved_are_sent_and_the_others_wait_on(held: Engine) -> None:
    chosen = list(waiting(held))[:4]
    expected = {waiting(held)[row] for row in chosen}
    assert say_yes(held, chosen) == {"deactivate": 4}
    held.night()
    assert len(held.vendor.calls) == 4
    held.vendor.calls.clear()
    held.night()
    assert held.vendor.calls == []
    assert len(held.held()) == 8 and expected.isdisjoint(held.held())


def test_the_rest_can_be_approved_later(held: Engine) -> None:
    rows = list(waiting(held))
    say_yes(held, rows[:4])
    held.night()
    say_yes(held, list(waiting(held)))
    held.night()
    assert len(held.vendor.calls) == 12


def test_rows_that_do_not_wait_release_nothing(held: Engine) -> None:
    with pytest.raises(ConfigError, match="None of these changes waits"):
        say_yes(held, ["no such row"])
    held.night()
    assert held.vendor.calls == []


def test_a_part_of_a_first_plan_does_not_bring_a_connection_live(engine: Engine) -> None:
    engine.mart(person(1), person(2), person(3))
    engine.night()
    rows = list(waiting(engine))
    with pytest.raises(ConfigError, match="as a whole"):
        say_yes(engine, rows[:1])
    engine.night()
    assert engine.vendor.calls == []
    say_yes(engine, list(waiting(engine)))
    engine.night()
    assert len(engine.vendor.calls) == 3


@pytest.mark.parametrize(("chosen", "is_accepted"), [(slice(2), False), (slice(None), True)])
def test_a_yes_to_a_part_accepts_no_day_and_no_empty_column_for_the_rest(
    held: Engine, chosen: slice, is_accepted: bool
) -> None:
    held.connection.execute(
        "update sync.plan set hold = 'calendar' where hold = 'removals' and run_id = "
        "(select max(run_id) from sync.plan)"
    )
    rows = list(waiting(held))
    say_yes(held, rows[chosen])
    found = accepted_runs(held.connection, "calendar")
    (latest,) = held.connection.execute("select max(run_id) from sync.plan").fetchall()[0]
    assert (latest in found) is is_accepted


def test_two_parts_that_are_the_whole_accept_it(held: Engine) -> None:
    rows = list(waiting(held))
    (latest,) = held.connection.execute("select max(run_id) from sync.plan").fetchall()[0]
    for part, is_accepted in ((rows[:5], False), (rows[5:], True)):
        say_yes(held, part)
        found = accepted_runs(held.connection, "removals")
        assert (latest in found) is is_accepted
