"""Changes that the vendor refused, parked until the person changes or somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from people_transforms.delivery.call import Result
from people_transforms.delivery.rows import as_lines, rows_of


def park(connection: duckdb.DuckDBPyConnection, run_id: str, results: Sequence[Result]) -> None:
    """Park what was refused, and forget refusals of what the vendor has accepted since."""
    lines = [
        {
            "person_id": r.change.person_id,
            "account_key": r.change.account_key,
            "operation": r.change.operation,
            "cause": getattr(r.error, "cause", None),
            "field": getattr(r.error, "field", None),
            "message": None if r.error is None else r.error.sentence,
            "row_hash": r.change.row_hash,
            "status": r.status,
        }
        for r in results
        if r.status != "ambiguous"
    ]
    if not lines:
        return
    is_known = connection.execute("select 1 from sync.dead_letters limit 1").fetchone()
    if not is_known and all(line["status"] != "rejected" for line in lines):
        return
    connection.execute(
        f"create or replace temp table settled as select * from {rows_of(*lines[0])}",
        {"lines": as_lines(lines)},
    )
    connection.execute(
        """
        create or replace temp table parked as
        select settled.* exclude (status), coalesce(before.first_run_id, $run_id) as first_run_id,
            $run_id as last_run_id, coalesce(before.attempts, 0) + 1 as attempts, false as settled,
        from temp.settled as settled
        left join sync.dead_letters as before
            on before.person_id = settled.person_id and before.account_key = settled.account_key
            and before.operation = settled.operation and before.row_hash = settled.row_hash
        where settled.status = 'rejected'
        """,
        {"run_id": run_id},
    )
    connection.execute(
        """
        delete from sync.dead_letters as before using temp.settled as settled
        where before.person_id = settled.person_id and before.account_key = settled.account_key
        and before.operation = settled.operation
        """
    )
    connection.execute("insert into sync.dead_letters by name select * from temp.parked")
