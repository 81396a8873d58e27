"""What state an account is in: the one writer of `state`, `ended_by` and `ended_on` in the ledger.

What the vendor shows decides, never what was meant: the answer to a call, also of one whose second half
was refused, a look-up after a lost answer, or a list. Everything else writes rows without these three.
"""

from __future__ import annotations

from typing import Any

import duckdb


def note_states(
    connection: duckdb.DuckDBPyConnection, run_id: str, seen: str, values: dict[str, Any]
) -> bool:
    """Write the states of accounts that were seen; tell whether any was another than known.

    `seen` is a SELECT of vendor, person_id, account_key, is_active, and, for those that have ended,
    ended_by (`us`, else somebody else) and ended_on. Who ended an account that was known as ended, and
    when, stays.
    """
    row = connection.execute(
        f"""
        update sync.ledger as held set
            state = if(seen.is_active, 'active', 'inactive'),
            ended_by = if(seen.is_active, null, coalesce(seen.ended_by, 'other')),
            ended_on = if(seen.is_active, null, seen.ended_on::date),
            updated_run_id = $seen_in
        from ({seen}) as seen
        where held.vendor = seen.vendor and held.person_id = seen.person_id
        and held.account_key = seen.account_key
        and held.state is distinct from if(seen.is_active, 'active', 'inactive')
        """,  # noqa: S608  (our own SELECTs)
        values | {"seen_in": run_id},
    ).fetchone()
    return bool(row and row[0])
