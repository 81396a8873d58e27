"""Since when a finding is there: the day of the run that found it first, without a gap since."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, str | None, str | None, str | None]


def read_since(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[Key, dt.date]:
    """Give the first day of each open finding of a run, by (code, person, employer, field).

    A value that was typed anew closes one row of the history and opens the next in the same run:
    that is still the same finding.
    """
    rows = connection.execute(
        """
        with known as (
            select code, person_id, employer_id, field, valid_from_run, valid_to_run
            from sync.findings_history
            where valid_from_run <= $run
        ),
        begun as (
            select known.* from known
            anti join known as before on
                known.code = before.code
                and known.person_id is not distinct from before.person_id
                and known.employer_id is not distinct from before.employer_id
                and known.field is not distinct from before.field
                and before.valid_from_run < known.valid_from_run
                and coalesce(before.valid_to_run, known.valid_from_run) >= known.valid_from_run
        ),
        last_begun as (
            select code, person_id, employer_id, field, max(valid_from_run) as run_id
            from begun group by all
        )
        select code, person_id, employer_id, field, runs.as_of
        from last_begun inner join sync.runs as runs on last_begun.run_id = runs.run_id
        where runs.as_of is not null
        """,
        {"run": run_id},
    ).fetchall()
    return {(code, person, employer, field): day for code, person, employer, field, day in rows}
