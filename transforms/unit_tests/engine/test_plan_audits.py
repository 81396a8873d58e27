"""The audits of the finished plan: whatever made the plan, what must never be sent stops the run.

Every plan of the other tests here passes them too.
"""

from __future__ import annotations

import duckdb
import pytest
from people_transforms.errors import AuditError
from people_transforms.models import runner
from people_transforms.planning.reversal import request

from .conftest import Engine, person

pytestmark = pytest.mark.few(1)

# What somebody's change to the planning might do, and the audit that must see it.
VIOLATIONS = {
    "the old account of a move goes, and the new one waits": (
        "update temp.plan_planned set hold = 'dead_letter' where operation = 'create'",
        "nobody_loses_the_last_account",
    ),
    "the old account of a move goes, and there is no new one": (
        "update temp.plan_planned set operation = 'none' where operation = 'create'",
        "nobody_loses_the_last_account",
    ),
    "somebody who stays is ended": (
        "update temp.plan_planned set operation = 'deactivate', leaving_kind = 'routed_away' "
        "where person_id = 'p0003'",
        "nobody_loses_the_last_account",
    ),
    "somebody's only account is gone from the list": (
        "insert into temp.plan_drift (person_id, account_key, field, actual) "
        "values ('p0004', 'B', 'state', 'missing')",
        "nobody_loses_the_last_account",
    ),
    "a write goes to another place": (
        "update temp.plan_planned set account_key = 'C' where operation = 'create'",
        "plan_stays_in_the_settings",
    ),
    "an employer was taken out": (
        "delete from mart.allowed_places; "
        "insert into mart.allowed_places values ('E9', 'A'), ('E9', 'B')",
        "plan_stays_in_the_settings",
    ),
    "two rows make the same account": (
        "insert into temp.plan_planned select * from temp.plan_planned where operation = 'create'",
        "nobody_is_created_twice",
    ),
    "two people's accounts get one id": (
        "insert into temp.plan_planned by name select * replace ('p0009' as person_id) "
        "from temp.plan_planned where operation = 'create'",
        "nobody_is_created_twice",
    ),
    "an account is made that the ledger has": (
        "update temp.plan_planned set operation = 'create' where person_id = 'p0003'",
        "nobody_is_created_twice",
    ),
    "an end of no kind": (
        "update temp.plan_planned set leaving_kind = null where person_id = 'p0002'",
        "nobody_is_ended_without_evidence",
    ),
    "an end of a kind that rests on nothing": (
        "update temp.plan_planned set leaving_kind = 'tidied' where person_id = 'p0002'",
        "nobody_is_ended_without_evidence",
    ),
    "the list was read in part": (
        "update people.evidence set verdict = 'partial' where fact = 'employment'",
        "nobody_is_ended_without_evidence",
    ),
    "nothing of the employer was read": (
        "update temp.plan_planned set employer_id = 'E2' where person_id = 'p0002'",
        "nobody_is_ended_without_evidence",
    ),
    "somebody who is employed has ended": (
        "insert into people.people (person_id, employment_status) values ('p0002', 'employed')",
        "nobody_is_ended_without_evidence",
    ),
    "somebody who is listed is absent": (
        "insert into people.people (person_id, employment_status) values ('p0002', 'left'); "
        "update temp.plan_planned set leaving_kind = 'absent' where person_id = 'p0002'",
        "nobody_is_ended_without_evidence",
    ),
    "nobody asked for the undo": (
        "update temp.plan_planned set leaving_kind = 'undone' where person_id = 'p0002'",
        "nobody_is_ended_without_evidence",
    ),
}


def leaver(number: int) -> dict[str, object]:
    return person(number, account_key="*", desired_state="ended", leaving_kind="ended")


@pytest.fixture
def planned(engine: Engine) -> Engine:
    """A plan with a move, a leaver, one who stays, and one who gives up one of two accounts."""
    both = [person(4, account_key=key) for key in ("A", "B")]
    engine.first_night(person(1), person(2), person(3), *both)
    engine.mart(person(1, account_key="B"), leaver(2), person(3), person(4, account_key="B"))
    engine.settings = engine.settings.model_copy(
        update={"brakes": engine.settings.brakes.model_copy(update={"removals": None})}
    )
    engine.plan()
    # A table, in which anything can be planted.
    engine.connection.execute(
        "create temp table planted as from temp.plan_planned; "
        "drop view temp.plan_planned; alter table temp.planted rename to plan_planned"
    )
    return engine


def test_a_plan_with_all_of_it_passes(planned: Engine) -> None:
    """The control of every violation below."""
    assert sorted(planned.operations().items()) == [
        (("p0001", "A"), "deactivate"), (("p0001", "B"), "create"),
        (("p0002", "A"), "deactivate"), (("p0003", "A"), "none"),
        (("p0004", "A"), "deactivate"), (("p0004", "B"), "none"),
    ]  # fmt: skip
    runner.audit_plan(planned.connection)


@pytest.mark.parametrize(("planted", "audit"), VIOLATIONS.values(), ids=VIOLATIONS)
@pytest.mark.some(1)
def test_a_planted_violation_stops_the_run(planned: Engine, planted: str, audit: str) -> None:
    planned.connection.execute(planted)
    with pytest.raises(AuditError, match=audit):
        runner.audit_plan(planned.connection)
    # What is held is not sent, so it violates nothing; two rows for one account stay a fault.
    planned.connection.execute(
        "update temp.plan_planned set hold = 'planted' where operation <> 'none'"
    )
    if planted != VIOLATIONS["two rows make the same account"][0]:
        runner.audit_plan(planned.connection)


def test_the_undo_of_a_newcomer_may_take_the_only_account(engine: Engine) -> None:
    engine.first_night(person(1), person(2))
    engine.mart(person(1), person(2), person(3))
    engine.night()
    request(engine.connection, f"run-{engine.runs:03}")
    engine.plan()
    assert engine.operations()["p0003", "A"] == "deactivate"


@pytest.mark.parametrize(("source", "vendor"), [("loket", "alleo"), ("alveno", "lunchdrive")])
def test_every_kind_of_leaving_rests_on_something(source: str, vendor: str) -> None:
    """Also a move between employers, which only planning sees."""
    inputs = next(m for m in runner.models(source, vendor) if m.name == "mart.inputs")
    kinds = {row[0] for row in duckdb.sql(f"select distinct change from ({inputs.sql})").fetchall()}
    own = {"flag_off"} if vendor == "alleo" else {"opted_out"}
    assert kinds >= {"adds", "ended", "routed_away", "absent"} | own
