"""The business day of a run beside those of earlier runs: days, not attempts, and no jumps."""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.planning.approvals import accepted_runs

# A connection that rested longer than this is looked at by a person before it acts again.
_LONGEST_PAUSE = dt.timedelta(days=10)


def last_accepted(connection: duckdb.DuckDBPyConnection) -> dt.date | None:
    """Give the business day that the latest run with an accepted one had, or one that was approved."""
    row = connection.execute(
        """
        select coalesce(accepted_on, as_of) from sync.runs
        where accepted_on is not null or list_contains(?::varchar[], run_id)
        order by run_id desc limit 1
        """,
        [accepted_runs(connection, "calendar")],
    ).fetchone()
    return row[0] if row else None


def jump(connection: duckdb.DuckDBPyConnection, as_of: dt.date) -> str | None:
    """Say in words that this day does not follow the last accepted one; None where it does."""
    before = last_accepted(connection)
    if before is None or before <= as_of <= before + _LONGEST_PAUSE:
        return None
    return f"the calendar jumped from {before} to {as_of}"


def is_accepted(connection: duckdb.DuckDBPyConnection, run_id: str, as_of: dt.date) -> bool:
    """Tell whether a planned run's day followed the last one, or somebody released what waited for it.

    A night without changes has nothing to hold, and is no proof of its day.
    """
    if jump(connection, as_of) is None:
        return True
    row = connection.execute(
        """
        select bool_or(released_by is not null) and not bool_or(coalesce(hold = 'calendar', false))
        from sync.plan where run_id = ?
        """,
        [run_id],
    ).fetchone()
    return bool(row and row[0])
