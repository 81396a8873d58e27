"""One status per night: the worst of what is true, and never better than what was read."""

from __future__ import annotations

import json

import duckdb
import pytest
from people_sync.running.ended import Ended, status_of_end
from people_transforms.conclusion import Night, conclude
from people_transforms.errors import AuditError, ConfigError, RetryableError, StoreError
from people_transforms.status import (
    DID_NOT_RUN,
    EXIT_CODES,
    Facts,
    judge,
    known_status,
    status_beside,
    status_of_error,
)

from .conftest import Engine, person

pytestmark = pytest.mark.few(2)

EVERYTHING = {
    "sent": 3,
    "held": 9,
    "refused": 2,
    "unanswered": 1,
    "to_mend": 4,
    "is_preview": True,
    "is_read_whole": False,
    "is_read_at_all": False,
}
WORST_FIRST = (
    ("hr_unreachable", {"is_read_at_all": True}),
    ("platform_unreachable", {"unanswered": 0}),
    ("hr_incomplete", {"is_read_whole": True}),
    ("preview", {"is_preview": False}),
    ("held", {"held": 0}),
    ("partly", {"refused": 0}),
    ("needs_you", {"to_mend": 0}),
    ("in_order", {"sent": 0}),
    ("quiet", {}),
)


def test_of_several_that_are_true_a_night_has_the_worst() -> None:
    left = dict(EVERYTHING)
    for status, without in WORST_FIRST:
        assert judge(Facts(**left)) == status
        left |= without


def test_too_many_quiet_nights_need_somebody() -> None:
    assert judge(Facts(is_too_quiet=True)) == "needs_you"


@pytest.mark.parametrize(
    ("error", "step", "status"),
    [
        (RetryableError("Nothing arrived."), "land", "hr_unreachable"),
        (RetryableError("No answer."), "verify", "platform_unreachable"),
        (RetryableError("No answer."), "deliver", "platform_unreachable"),
        (ConfigError("A wrong key."), "verify", "misconfigured"),
        (ConfigError("A wrong key."), "land", "misconfigured"),
        (AuditError("Doubled."), "model", "failed"),
        (StoreError("Full."), "land", "failed"),
        (duckdb.Error("what"), "plan", "failed"),
    ],
)
def test_an_error_is_a_status_by_where_it_came_from(
    error: Exception, step: str, status: str
) -> None:
    assert status_of_error(error, step) == status


def test_a_failed_source_makes_every_night_one_on_a_part_of_hr() -> None:
    assert status_beside(None, is_setting=False) == "hr_unreachable"
    assert status_beside("hr_unreachable", is_setting=True) == "misconfigured"
    for status in EXIT_CODES:
        beside = status_beside(status, is_setting=False)
        assert beside == (status if status in DID_NOT_RUN else "hr_incomplete")
        assert EXIT_CODES[beside] in (1, 2)


def end(**facts: object) -> Ended:
    known = {"exit_code": 0, "records": {}, "statuses": {}, "states_kept": 0, "errors": []}
    return Ended(**{**known, "seconds": 1.0, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("recorded", "facts", "status"),
    [
        # The source listed no streams, so the destination was never started.
        (None, {"has_source_failed": True}, "hr_unreachable"),
        (None, {"has_source_failed": True, "is_source_setting": True}, "misconfigured"),
        # The destination was killed, before or after its row was written; or its settings are wrong.
        (None, {"destination_code": -9}, "failed"),
        ("in_order", {"destination_code": 1}, "failed"),
        (None, {"destination_code": 2, "is_destination_setting": True}, "misconfigured"),
        # It knows best itself.
        ("platform_unreachable", {"destination_code": 1}, "platform_unreachable"),
        ("held", {"destination_code": 3}, "held"),
        ("in_order", {"destination_code": 0}, "in_order"),
        ("in_order", {"destination_code": 0, "has_source_failed": True}, "hr_incomplete"),
        # Whoever stops a run knows it.
        (None, {"destination_code": -15, "was_stopped": True}, None),
    ],
)
def test_what_the_destination_could_not_record_is_told_from_how_the_processes_ended(
    recorded: str | None, facts: dict[str, object], status: str | None
) -> None:
    assert status_of_end(recorded, end(**facts)) == status


def test_a_run_of_an_earlier_release_or_one_cut_off_has_a_status_too() -> None:
    known = [known_status(None, outcome) for outcome in ("done", "incomplete", "held", None)]
    assert known == ["in_order", "hr_incomplete", "held", "failed"]


def test_a_list_that_was_not_asked_for_is_not_told_as_read_in_part(engine: Engine) -> None:
    engine.mart(person(1))
    engine.runs = 0
    engine.connection.execute(
        "insert into sync.evidence by name select 'run-001' as run_id, 'leave_types' as stream, "
        "'E1' as employer_id, 0 as record_count, 'not_asked' as verdict"
    )
    engine.plan()
    (reads,) = engine.connection.execute("select reads from sync.runs").fetchone() or ("",)
    assert set(json.loads(reads)) == {"employees", "employments"}


@pytest.mark.parametrize(
    ("set_aside", "said"),
    [
        (0, "nothing to change"),
        (2, "nothing to change in what could be read; records set aside: 2"),
    ],
)
def test_where_a_record_was_set_aside_nothing_to_change_is_said_of_the_others_only(
    engine: Engine, set_aside: int, said: str
) -> None:
    engine.first_night(person(1))
    delivery = engine.next_night()
    run_id = f"run-{engine.runs:03}"
    for line in range(set_aside):
        engine.connection.execute(
            "insert into sync.rejected_records values (?, 'employees', ?, 'E1/P2', 'E1', 'birth_on')",
            [run_id, line],
        )
    night = Night(run_id, engine.as_of, plan_hash=engine.plan_hash, holds=engine.holds)
    conclude(engine.connection, night, delivery, engine.settings)
    assert night.message == said
