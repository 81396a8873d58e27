"""Approvals: a person's release of one plan, bound to the plan's hash.

An approval releases exactly the rows of the plan that was approved; rows that are new or different
since then pass the brakes on their own.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from people_transforms.errors import ConfigError
from people_transforms.safe_text import printable
from people_transforms.warehouse import json_text

VALID_FOR = dt.timedelta(days=7)


def approve(
    connection: duckdb.DuckDBPyConnection,
    plan_hash: str,
    by: str,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    source: str = "command",
) -> dict[str, int]:
    """Record the approval of a plan that a run of this store made; give its counts.

    Raises ConfigError for a hash that no run of this store has planned, naming the current one, and
    for a name that a terminal or a page would not show as it is.
    """
    if not by or by != printable(by):
        raise ConfigError("The name of who approves must be one line without control characters.")
    counts = plan_counts(connection, plan_hash)
    if not counts:
        current = connection.execute(
            "select plan_hash from sync.runs where plan_hash is not null "
            "order by run_id desc limit 1"
        ).fetchone()
        raise ConfigError(
            "No run of this connection has made a plan with this hash. "
            "Approve the hash that the latest run printed.",
            given=plan_hash,
            latest=current[0] if current else None,
        )
    connection.execute(
        "insert into sync.approvals values (?, ?, ?, ?, ?, ?)",
        [plan_hash, by, now, expires_at or now + VALID_FOR, json_text(counts), source],
    )
    return counts


def plan_counts(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> dict[str, int]:
    """Count the changes per operation of a plan; empty if no run made it."""
    return dict(
        connection.execute(
            """
            select operation, count(distinct row_hash) from sync.plan
            where plan_hash = ? and operation <> 'none' group by all order by all
            """,
            [plan_hash],
        ).fetchall()
    )


def note_configured(
    connection: duckdb.DuckDBPyConnection, plan_hash: str, now: dt.datetime
) -> None:
    """Take the configuration's `approved_plan` as an approval, once per value."""
    known = connection.execute(
        "select 1 from sync.approvals where plan_hash = ? and source = 'configuration'",
        [plan_hash],
    ).fetchone()
    if not known:
        connection.execute(
            "insert into sync.approvals values (?, 'configuration', ?, ?, ?, 'configuration')",
            [plan_hash, now, now + VALID_FOR, json_text(plan_counts(connection, plan_hash))],
        )


def mark_approved(connection: duckdb.DuckDBPyConnection, plan_hash: str, now: dt.datetime) -> None:
    """Fill `temp.approved` with the row hashes that a valid approval releases tonight."""
    connection.execute(
        """
        create or replace temp table approved as
        with valid as (select plan_hash from sync.approvals where expires_at > $now)
        select distinct row_hash from sync.plan where plan_hash in (select plan_hash from valid)
        union
        select row_hash from temp.planned where $plan_hash in (select plan_hash from valid)
        """,
        {"plan_hash": plan_hash, "now": now},
    )


def is_active(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a plan of this connection was ever approved.

    After a lost store the configuration's hash still shows that a person approved this connection.
    """
    return bool(connection.execute("select 1 from sync.approvals limit 1").fetchone())
