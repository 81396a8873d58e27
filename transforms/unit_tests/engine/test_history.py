"""What a run said of people who needed nothing can be told for any past run."""

from __future__ import annotations

from people_sync.explaining.traces import trace
from people_transforms.findings import store_findings
from people_transforms.planning.history import remember

from .conftest import Engine, person


def night(engine: Engine, *rows: dict[str, object]) -> str:
    """One run to its end; give its id."""
    engine.mart(*rows)
    engine.night()
    run_id = f"run-{engine.runs:03}"
    store_findings(engine.connection, run_id)
    remember(engine.connection, run_id)
    return run_id


def decisions(engine: Engine, run_id: str) -> list[tuple[str, str]]:
    story = trace(engine.connection, "p0001", run_id)
    return [(row["operation"], row["reason"]) for row in story["decision"]]


def test_every_past_decision_is_known_and_an_equal_night_adds_no_row(engine: Engine) -> None:
    engine.connection.execute("create table people.findings as select 'p0001' as person_id, "
        "'E1' as employer_id, 'email_missing' as code, 'warning' as severity, 'email' as field, "
        "null::varchar as typed_value, '{}' as args")  # fmt: skip
    engine.first_night(person(2))
    waits = person(1, account_key="*", desired_state="untouched", reason="starts_later")
    first = night(engine, waits, person(2))
    again = night(engine, waits, person(2))
    engine.connection.execute("delete from people.findings")
    joined = night(engine, person(1, reason="entitled"), person(2))
    stays = night(engine, person(1, reason="entitled"), person(2))
    assert decisions(engine, first) == [("none", "starts_later")]
    assert decisions(engine, again) == [("none", "starts_later")]
    assert decisions(engine, joined) == [("create", "entitled")]
    assert decisions(engine, stays) == [("none", "entitled")]
    codes = [
        [row["code"] for row in trace(engine.connection, "p0001", run)["findings"]]
        for run in (first, again, joined, stays)
    ]
    assert codes == [["email_missing"], ["email_missing"], [], []]
    kept = engine.connection.execute(
        "select count(*) from sync.verdicts where person_id = 'p0001'"
    ).fetchone()
    assert kept == (2,)
