"""When a connection runs: what its history shows, never a promise."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_FEWEST_DAYS = 3
_MOST_DAYS = 14
_STEADY = dt.timedelta(minutes=90)
_MINUTES = 5


def next_run(
    connection: duckdb.DuckDBPyConnection, run_id: str, zone: zoneinfo.ZoneInfo
) -> dt.datetime | None:
    """Expect the next run at the usual time of the day; None where runs have none."""
    rows = connection.execute(
        """
        select started_at, as_of from sync.runs
        where run_id <= ? and started_at is not null and as_of is not null
        qualify row_number() over (partition by as_of order by run_id) = 1
        order by as_of desc limit ?
        """,
        [run_id, _MOST_DAYS],
    ).fetchall()
    is_on_its_day = all(moment.astimezone(zone).date() == day for moment, day in rows)
    if len(rows) < _FEWEST_DAYS or not is_on_its_day:
        return None
    times = sorted(_since_midnight(moment.astimezone(zone)) for moment, _ in rows)
    if times[-1] - times[0] > _STEADY or any(
        before - day > dt.timedelta(days=1)
        for (_, before), (_, day) in zip(rows, rows[1:], strict=False)
    ):
        return None
    usual = times[len(times) // 2]
    rounded = round(usual.total_seconds() / 60 / _MINUTES) * _MINUTES
    midnight = dt.datetime.combine(rows[0][1] + dt.timedelta(days=1), dt.time(), zone)
    return midnight + dt.timedelta(minutes=rounded)


def _since_midnight(moment: dt.datetime) -> dt.timedelta:
    return dt.timedelta(hours=moment.hour, minutes=moment.minute)


def zone_of(name: str | None) -> zoneinfo.ZoneInfo:
    """Find the time zone of a run; runs of earlier releases have none."""
    try:
        return zoneinfo.ZoneInfo(name or "Europe/Amsterdam")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("Europe/Amsterdam")
