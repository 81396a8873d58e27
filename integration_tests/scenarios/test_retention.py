"""What is known of people who left goes after the days that the settings give, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from .all_operations import NO_BRAKES
from .connections import Connection

Connect = Callable[..., Connection]
pytestmark = pytest.mark.long
PAST = {
    "raw": "select count(*) from raw.{raw} where _valid_to_run is not null and {person}",
    "plan": "select count(*) from sync.plan where run_id < '{run}' and person_id {who}",
    "deliveries": "select count(*) from sync.deliveries where run_id < '{run}' and person_id {who}",
    "findings": "select count(*) from sync.findings_history "
    "where valid_to_run is not null and person_id {who}",
}


def counts(connection: Connection, table: str, who: str) -> dict[str, int]:
    """How many rows of past runs are about people; `who` is a condition on their id."""
    source = connection.source.removeprefix("source-")
    person = f"'{source}:' || employer_id || ':' || employee_id {who}"
    run = connection.ask("select max(run_id) from sync.runs")[0][0]
    return {
        kind: connection.ask(query.format(raw=table, person=person, run=run, who=who))[0][0]
        for kind, query in PAST.items()
    }


@pytest.mark.drawn(1)
@pytest.mark.parametrize(
    ("source", "destination", "table"),
    [
        ("source-alveno", "destination-lunchdrive", "alveno__employees"),
        ("source-loket", "destination-alleo", "loket__employments"),
    ],
)
def test_leavers_are_forgotten_after_their_days_and_nobody_else(
    source: str, destination: str, table: str, connect: Connect
) -> None:
    connection = connect(source, destination, brakes=NO_BRAKES)
    connection.activate(connection.first_lines())
    connection.box.night(joiners=1, leavers=3, changes=3, seed=5)
    as_of = dt.date.fromisoformat(connection.box.config(destination)["as_of"])

    def night(days_later: int, **settings: Any) -> None:
        connection.configure(as_of=str(as_of + dt.timedelta(days=days_later)), **settings)
        assert connection.write(lines).code == 0

    lines = connection.read()
    # More than ten days without a night would be a clock that runs ahead.
    for days_later in (0, 1, 11, 21, 31, 40):
        night(days_later)
    gone = (
        "select person_id from people.people "
        "where employment_status in ('employment_ended', 'deceased')"
    )
    ended = [row[0] for row in connection.ask(gone)]
    assert ended
    leavers, others = (f"{word} in ({', '.join(map(repr, ended))})" for word in ("", "not"))
    before, kept = counts(connection, table, leavers), counts(connection, table, others)
    assert before["deliveries"] > 0, "control: there is something to forget"
    assert before["plan"] > 0
    accounts = connection.accounts()
    everything = dict.fromkeys(PAST, 400)
    night(41, retention=everything)
    assert counts(connection, table, leavers)["deliveries"] >= before["deliveries"]
    night(42, retention=dict.fromkeys(PAST, 30))
    night(43)
    assert counts(connection, table, leavers) == dict.fromkeys(PAST, 0)
    after = counts(connection, table, others)
    assert {kind for kind in PAST if after[kind] < kept[kind]} == set()
    assert connection.accounts() == accounts
