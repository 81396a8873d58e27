"""What each run said of everybody, kept by its changes: who needed nothing and why, and the findings.

The plan keeps the changes of every run, but of those who need nothing only the latest: they are
nearly everybody, every night. What was said of them is kept as a validity, like a raw version.
"""

from __future__ import annotations

import duckdb

from people_transforms.models import plan_models

_VERDICTS = "person_id, account_key, reason"
_FINDINGS = "person_id, employer_id, code, severity, field, typed_value, args"


def remember(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Close what this run says no more and open what it says anew."""
    plan_models.build(connection, "verdicts")
    _change(connection, "sync.verdicts", _VERDICTS, "temp.plan_verdicts", run_id)
    _change(connection, "sync.findings_history", _FINDINGS, "sync.findings", run_id)


def _change(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, said: str, run_id: str
) -> None:
    connection.execute(
        f"""
        update {table} set valid_to_run = $run_id
        where valid_to_run is null
        and hash({columns}) not in (select hash({columns}) from {said})
        """,
        {"run_id": run_id},
    )
    connection.execute(
        f"""
        insert into {table} by name
        select distinct {columns}, $run_id as valid_from_run from {said}
        where hash({columns}) not in (
            select hash({columns}) from {table} where valid_to_run is null
        )
        """,
        {"run_id": run_id},
    )
