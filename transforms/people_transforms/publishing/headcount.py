"""How many people have an account at each place, by day, with who joined and left."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from people_transforms.publishing.report import Day, Headcount

if TYPE_CHECKING:
    import duckdb

FEWEST_NIGHTS = 7
MOST_NIGHTS = 90
# A day on which a place grows by more than this share is an import, not a trend.
_IMPORT = 0.5


def read_headcount(connection: duckdb.DuckDBPyConnection, run_id: str) -> tuple[Headcount, ...]:
    """Count back from today's ledger. Places with fewer than seven nights are left out."""
    days = [
        day
        for (day,) in connection.execute(
            "select distinct as_of from sync.runs where run_id <= ? and plan_hash is not null "
            "and as_of is not null order by as_of desc limit ?",
            [run_id, MOST_NIGHTS],
        ).fetchall()
    ]
    if len(days) < FEWEST_NIGHTS:
        return ()
    moved: dict[tuple[str, dt.date], tuple[int, int]] = {
        (key, day): (joined, left)
        for key, day, joined, left in connection.execute(
            """
            select rows.account_key, runs.as_of,
                count(*) filter (where rows.operation in ('create', 'adopt', 'reactivate')),
                count(*) filter (where rows.operation = 'deactivate'),
            from sync.plan as rows inner join sync.runs as runs on rows.run_id = runs.run_id
            where rows.outcome in ('confirmed', 'partly') and rows.run_id <= $run group by all
            """,
            {"run": run_id},
        ).fetchall()
    }
    now = dict(
        connection.execute(
            "select account_key, count(*) from sync.ledger where state = 'active' group by all"
        ).fetchall()
    )
    counted = (Headcount(key, _back(key, now[key], days, moved)) for key in sorted(now))
    return tuple(place for place in counted if len(place.days) >= FEWEST_NIGHTS)


def _back(
    key: str,
    people: int,
    days: list[dt.date],
    moved: dict[tuple[str, dt.date], tuple[int, int]],
) -> tuple[Day, ...]:
    found = []
    for day in days:
        joined, left = moved.get((key, day), (0, 0))
        before = people - joined + left
        if joined > _IMPORT * people:
            found.append(Day(day, people, 0, 0))
            break
        found.append(Day(day, people, joined, left))
        people = before
    return tuple(reversed(found))
