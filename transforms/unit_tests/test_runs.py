"""The row of a run: the latest run is the one with the greatest id, whatever the clock does."""

from __future__ import annotations

import datetime as dt

import duckdb
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
