"""Moves: an account that a person leaves ends only when the one to go to is known to be active.

Which accounts move is `models/plan/moves.sql`.
"""

from __future__ import annotations

import duckdb


def places_to_look_at(connection: duckdb.DuckDBPyConnection, vendor: str) -> list[str]:
    """Name the places of accounts that are to be there already when another one ends for them."""
    rows = connection.execute(
        """
        select staying.account_key from temp.plan_compared as staying
        inner join temp.plan_compared as leaving on staying.person_id = leaving.person_id
        where leaving.operation = 'deactivate' and leaving.leaving_kind = 'routed_away'
        and staying.account_key <> '*' and staying.held_state is not null
        and staying.operation not in ('deactivate', 'reactivate')
        union
        -- An undo that ends an account: nobody knows what the others are by now.
        select others.account_key from sync.reversals as undone
        inner join sync.ledger as given
            on undone.person_id = given.person_id and undone.account_key = given.account_key
        inner join sync.ledger as others
            on given.person_id = others.person_id and given.vendor = others.vendor
        where given.vendor = ? and given.state = 'active' and not coalesce(undone.is_over, false)
        and undone.operation in ('create', 'adopt', 'reactivate')
        """,
        [vendor],
    ).fetchall()
    return [key for (key,) in rows]
