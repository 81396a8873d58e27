"""What is held tonight: holds are rows, which are only added; what holds a change is read from them.

`temp.plan_held` says at any moment what holds each change, `temp.plan_free` what nothing holds, and
`temp.plan_askable` what an approval may be about.
"""

from __future__ import annotations

import duckdb

from people_transforms.models import plan_models
from people_transforms.planning.holds import KINDS, RELEASABLE, Hold


def know_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `temp.plan_hold_kinds`: the kinds in their order, and what an approval releases."""
    connection.execute(
        "create or replace temp table plan_hold_kinds as "
        "select unnest($kinds::varchar[]) as kind, generate_subscripts($kinds::varchar[], 1) as turn, "
        "list_contains($releasable::varchar[], kind) as is_releasable",
        {"kinds": list(KINDS), "releasable": sorted(RELEASABLE)},
    )


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Start with no holds in `temp.plan_holds`."""
    connection.execute(
        "create or replace temp table plan_holds (person_id varchar, account_key varchar, "
        "row_hash varchar, kind varchar, reason varchar)"
    )
    plan_models.build(connection, "held", "askable", "free")


def note(connection: duckdb.DuckDBPyConnection, *models: str) -> None:
    """Add what these models hold, one after the other: each sees the holds before."""
    for model in models:
        plan_models.build(connection, model)
        connection.execute(f"insert into temp.plan_holds by name select * from temp.plan_{model}")


def note_all(
    connection: duckdb.DuckDBPyConnection, kind: str, reason: str, employer_id: str | None = None
) -> None:
    """Hold every change of the night, or of one employer's people."""
    connection.execute(
        """
        insert into temp.plan_holds by name
        select person_id, account_key, row_hash, $kind as kind, $reason as reason
        from temp.plan_changes where coalesce(employer_id = $employer_id, $employer_id is null)
        """,
        {"kind": kind, "reason": reason, "employer_id": employer_id},
    )


def found(connection: duckdb.DuckDBPyConnection) -> list[Hold]:
    """Say what is held, most first."""
    rows = connection.execute(
        "select kind, count(*), min(reason) from temp.plan_held group by kind order by 2 desc, 1"
    ).fetchall()
    return [Hold(*row) for row in rows]
