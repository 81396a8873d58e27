"""The row of a run: the latest run is the one with the greatest id, whatever the clock does."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from people_transforms.runs import begin_run
from people_transforms.store.sync_tables import create_tables

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)


def test_a_clock_that_runs_back_gives_greater_ids_all_the_same() -> None:
    with duckdb.connect() as connection:
        create_tables(connection)
        ids = [
            begin_run(
                connection,
                started_at=NOW + dt.timedelta(hours=hours),
                as_of=NOW.date(),
                source_system="loket",
                vendor="alleo",
                timezone="Europe/Amsterdam",
            )
            for hours in (0, 0, -5, 1, -48)
        ]
        assert ids == sorted(set(ids))
        assert ids[0].startswith("20260302T010000Z-")
        assert ids[3].startswith("20260302T020000Z-"), "control: a clock that goes on is followed"


@pytest.mark.parametrize(
    ("runs", "night_on"),
    [
        # 23:58 and 00:03 in Amsterdam, and a run of every hour: until six hours after the day before.
        ([("2026-03-01T22:58", "2026-03-01"), ("2026-03-01T23:03", "2026-03-02")], 1),
        ([(f"2026-03-01T{22 + hour:02}:30", f"2026-03-0{1 + (hour > 0)}") for hour in (0, 1)], 1),
        ([("2026-03-01T22:58", "2026-03-01"), ("2026-03-02T05:00", "2026-03-02")], 2),
        ([("2026-03-01T10:00", "2026-03-01"), ("2026-03-02T10:00", "2026-03-02")], 2),
        # Days that somebody set, one after the other.
        ([("2026-03-02T08:00", "2026-03-01"), ("2026-03-02T08:01", "2026-03-02")], 2),
        ([("2026-03-02T08:00", "2026-03-02"), ("2026-03-02T08:01", "2026-03-03")], 3),
        # Another platform's night in the same store.
        ([("2026-03-01T22:58", "2026-03-01", "other"), ("2026-03-01T23:03", "2026-03-02")], 2),
    ],
)
def test_a_retry_past_midnight_goes_on_with_the_night(
    runs: list[tuple[str, ...]], night_on: int
) -> None:
    with duckdb.connect() as connection:
        create_tables(connection)
        for moment, day, *vendor in runs:
            begin_run(
                connection,
                started_at=dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC),
                as_of=dt.date.fromisoformat(day),
                source_system="loket",
                vendor=vendor[0] if vendor else "alleo",
                timezone="Europe/Amsterdam",
            )
        (found,) = connection.execute("select arg_max(night_on, run_id) from sync.runs").fetchall()
    assert found == (dt.date(2026, 3, night_on),)
