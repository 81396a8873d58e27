"""What says who has an account, and was not read tonight; see `models/plan/unread.sql`.

The models say what each kind of change rests on (`mart.inputs`) and what was read of it
(`people.evidence`).
"""

from __future__ import annotations

import duckdb

from people_transforms.models import plan_models


def unread_facts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Say of each list or column that says who has an account, and that was not read, why."""
    plan_models.build(connection, "unread_lists")
    rows = connection.execute(
        """
        select distinct reason from temp.plan_unread_lists
        where fact in (select fact from mart.inputs where not starts_with(change, 'clears '))
        order by reason
        """
    ).fetchall()
    return [reason for (reason,) in rows]
