"""The row of a run: begun by the destination, or afterwards where that never came to it."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo

import duckdb

# A run that began so soon after one of the day before is an attempt of that night.
_ONE_NIGHT = dt.timedelta(hours=6)


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
    night_on = _night_before(connection, started_at, as_of, vendor, timezone) or as_of
    connection.execute(
        "insert into sync.runs (run_id, started_at, as_of, night_on, source_system, vendor, timezone) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        [run_id, started_at, as_of, night_on, source_system, vendor, timezone],
    )
    return run_id


def _night_before(
    connection: duckdb.DuckDBPyConnection,
    started_at: dt.datetime,
    as_of: dt.date,
    vendor: str,
    timezone: str,
) -> dt.date | None:
    """Give the day of the night that this run goes on with, past midnight; None where it begins one.

    Only of days that the clock showed: an `as_of` that somebody set is a day of its own.
    """
    if not _is_shown(started_at, as_of, timezone):
        return None
    rows = connection.execute(
        "select started_at, as_of, coalesce(timezone, ?), coalesce(night_on, as_of) from sync.runs "
        "where vendor = ? and as_of < ? and started_at between ? and ? order by run_id desc",
        [timezone, vendor, as_of, started_at - _ONE_NIGHT, started_at],
    ).fetchall()
    return next((night for began, day, zone, night in rows if _is_shown(began, day, zone)), None)


def _is_shown(moment: dt.datetime, day: dt.date, timezone: str) -> bool:
    """Tell whether the clock showed this day at that moment."""
    return moment.astimezone(zoneinfo.ZoneInfo(timezone)).date() == day


def _next_run_id(connection: duckdb.DuckDBPyConnection, now: dt.datetime) -> str:
    """Make an id greater than that of every earlier run, whatever the clock did in between."""
    row = connection.execute("select max(run_id) from sync.runs").fetchone()
    latest = row[0] if row and row[0] else ""
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    if stamp <= latest[: len(stamp)]:
        before = dt.datetime.strptime(latest[: len(stamp)], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        stamp = f"{before + dt.timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
    return f"{stamp}-{uuid.uuid4().hex[:6]}"
