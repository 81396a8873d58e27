"""The row of a run: begun by the destination, or afterwards where that never came to it."""

from __future__ import annotations

import datetime as dt
import uuid

import duckdb


def begin_run(
    connection: duckdb.DuckDBPyConnection,
    *,
    started_at: dt.datetime,
    as_of: dt.date,
    source_system: str,
    vendor: str,
    timezone: str,
) -> str:
    """Write a run into `sync.runs`; gives its id, greater than that of every earlier run."""
    run_id = _next_run_id(connection, started_at)
    connection.execute(
        "insert into sync.runs (run_id, started_at, as_of, source_system, vendor, timezone) "
        "values (?, ?, ?, ?, ?, ?)",
        [run_id, started_at, as_of, source_system, vendor, timezone],
    )
    return run_id


def _next_run_id(connection: duckdb.DuckDBPyConnection, now: dt.datetime) -> str:
    """Make an id greater than that of every earlier run, whatever the clock did in between."""
    row = connection.execute("select max(run_id) from sync.runs").fetchone()
    latest = row[0] if row and row[0] else ""
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    if stamp <= latest[: len(stamp)]:
        before = dt.datetime.strptime(latest[: len(stamp)], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        stamp = f"{before + dt.timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
    return f"{stamp}-{uuid.uuid4().hex[:6]}"
