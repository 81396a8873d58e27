"""Every night: what is known of people who left long ago goes, kind by kind, as the settings say.

What HR lists today is never touched: without it the rules couldn't tell that somebody has left. What the
brakes and the approvals rest on stays as numbers; see `remembered`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import duckdb

from people_transforms.models.contracts import RawStream
from people_transforms.privacy.records import delete_records
from people_transforms.privacy.remembered import count_answers, count_removals
from people_transforms.settings import Retention

# Kind → tables by person, each with the condition under which a row is about a past run.
_PAST = {
    "plan": {
        "sync.plan": "run_id <> $run",
        "sync.verdicts": "valid_to_run is not null",
        "sync.reversals": "is_over",
    },
    "deliveries": {"sync.deliveries": "run_id <> $run", "sync.dead_letters": "settled"},
    "findings": {"sync.findings_history": "valid_to_run is not null"},
}


def apply(
    connection: duckdb.DuckDBPyConnection,
    settings: Retention,
    streams: Collection[RawStream],
    *,
    run_id: str,
    as_of: dt.date,
) -> int:
    """Delete what was kept long enough; gives the number of rows."""
    gone = 0
    connection.execute("begin transaction")
    for kind, tables in _PAST.items():
        days: int | None = getattr(settings, kind)
        if days is None:
            continue
        _list_leavers(connection, as_of - dt.timedelta(days=days))
        if kind in ("plan", "deliveries"):
            count_removals(connection, "temp.leavers")
        for table, is_past in tables.items():
            condition = f"{is_past} and person_id in (select person_id from temp.leavers)"
            if table == "sync.deliveries":
                count_answers(connection, condition, run_id)
            gone += _delete(connection, table, condition, run_id)
    if settings.raw is not None:
        _list_leavers(connection, as_of - dt.timedelta(days=settings.raw))
        gone += delete_records(connection, streams, "temp.leavers", "_valid_to_run is not null")
    connection.execute("commit")
    return gone


def _list_leavers(connection: duckdb.DuckDBPyConnection, before: dt.date) -> None:
    """Whose last day is before a day, who has no account any more and nothing to come."""
    connection.execute(
        """
        create or replace temp table leavers as
        with last_days as (
            select person_id, coalesce(death_on, ends_on) as left_on from people.people
            where employment_status in ('deceased', 'employment_ended')
            union all
            select person_id, max(ended_on) as left_on from sync.ledger
            where person_id not in (select person_id from people.people) group by all
        )
        select person_id from last_days where left_on < ?
        and person_id not in (select person_id from sync.ledger where state = 'active')
        """,
        [before],
    )


def _delete(connection: duckdb.DuckDBPyConnection, table: str, condition: str, run_id: str) -> int:
    named = {"run": run_id} if "$run" in condition else {}
    row = connection.execute(f"delete from {table} where {condition}", named).fetchone()
    return int(row[0]) if row else 0
