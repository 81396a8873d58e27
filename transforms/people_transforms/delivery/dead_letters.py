"""Changes that the vendor refused, parked until the person changes or somebody asks.

A value that was left out of a change is known again by its hash: an update of nothing else waits too.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from typing import Any

import duckdb

from people_transforms.delivery.call import Change, Refusal, Result
from people_transforms.delivery.rows import as_lines, rows_of
from people_transforms.errors import ConflictError, RejectedError, SyncError


def park(connection: duckdb.DuckDBPyConnection, run_id: str, results: Sequence[Result]) -> None:
    """Park what was refused, and forget refusals of what the vendor has accepted since.

    A value that was left out of a change is parked as an update of its own, which the next plan will be.
    """
    lines = [line for result in results for line in _lines(result)]
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
        select settled.* exclude (status, is_conflict),
            settled.is_conflict = 'true' as is_conflict, coalesce(before.first_run_id, $run_id) as first_run_id,
            $run_id as last_run_id, coalesce(before.attempts, 0) + 1 as attempts, false as settled,
        from temp.settled as settled
        left join sync.dead_letters as before
            on before.person_id = settled.person_id and before.account_key = settled.account_key
            and before.operation = settled.operation
            -- An end carries the day on which it is planned: it is the same end every night.
            and (before.row_hash in (settled.row_hash, '') or settled.operation = 'deactivate')
        where settled.status = 'rejected'
        qualify row_number() over (
            partition by settled.person_id, settled.account_key, settled.operation, settled.field
            order by first_run_id
        ) = 1
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


def hash_of(value: Any) -> str:
    """Give what is kept of a refused value: enough to know it again, and nothing personal."""
    return md5(str("" if value is None else value).encode(), usedforsecurity=False).hexdigest()


def _lines(result: Result) -> list[dict[str, Any]]:
    change = result.change
    if result.status in ("ambiguous", "not_tried", "looked_up"):
        return []
    only = None
    if change.operation == "update" and isinstance(result.error, RejectedError):
        # Of one value it is known again by that value, whatever else the row says another night.
        only = next((Refusal(*item, result.error) for item in change.fields.items()), None)
        only = only if len(change.fields) == 1 else None
    whole = _line(change, change.operation, result.status, result.error, change.row_hash, only)
    return [whole] + [
        _line(change, "update", "rejected", refusal.error, "", refusal)
        for refusal in result.refused
    ]


def _line(
    change: Change,
    operation: str,
    status: str,
    error: SyncError | None,
    row_hash: str,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    return {
        "person_id": change.person_id,
        "account_key": change.account_key,
        "operation": operation,
        "cause": getattr(error, "cause", None),
        "field": refusal.field if refusal else getattr(error, "field", None),
        "message": None if error is None else error.sentence,
        "is_conflict": isinstance(error, ConflictError),
        "row_hash": row_hash,
        "value_hash": hash_of(refusal.value) if refusal else None,
        "status": status,
    }
