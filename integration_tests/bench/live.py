"""A connection that was approved long ago, without the night on which it was."""

from __future__ import annotations

import duckdb
from people_transforms.settings import Settings


def let_it_send(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the approval that a live connection has, where there is none yet."""
    connection.execute(
        """
        insert into sync.approvals by name
        select 'bench' as plan_hash, 'bench' as approved_by, now() as approved_at,
            now() as expires_at, '{}' as counts, 'command' as source, $vendor as vendor,
            $source_system as source_system, '' as run_id, []::varchar[] as scopes_seen,
        where not exists (select 1 from sync.approvals)
        """,
        {"vendor": settings.vendor, "source_system": settings.source_system},
    )
