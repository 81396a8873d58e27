"""Undo a run: plan its inverse, and keep it until the HR system says something new.

The inverse passes the same gate as any change. A person stays as undone while the mart wants what it
wanted when the run was undone; the first change in HR ends that. Invitations can't be taken back.
"""

from __future__ import annotations

from typing import Any

import duckdb
import orjson

from people_transforms.errors import ConfigError

_GIVEN = ("create", "adopt", "reactivate")


def deliveries(connection: duckdb.DuckDBPyConnection, run_id: str) -> list[dict[str, str]]:
    """List what a run delivered and what would undo it, one row per person and account."""
    rows = connection.execute(
        """
        select person_id, account_key, operation from sync.plan
        where run_id = ? and outcome in ('confirmed', 'partly') and operation <> 'invite'
        order by all
        """,
        [run_id],
    ).fetchall()
    return [
        {"person_id": person, "account_key": account, "operation": operation}
        for person, account, operation in rows
    ]


def request(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, int]:
    """Ask that the next run undoes what this run delivered; give the counts per operation.

    Raises ConfigError for a run that this store doesn't know or that delivered nothing.
    """
    rows = connection.execute(
        """
        insert into sync.reversals by name
        select run_id, person_id, account_key, operation, changes
        from sync.plan as done
        where run_id = ? and outcome in ('confirmed', 'partly') and operation <> 'invite'
        and not exists (
            select 1 from sync.reversals as known
            where known.run_id = done.run_id and known.person_id = done.person_id
            and known.account_key = done.account_key
        )
        returning operation
        """,
        [run_id],
    ).fetchall()
    if not rows:
        latest = connection.execute(
            "select max(run_id) from sync.plan where outcome in ('confirmed', 'partly')"
        ).fetchone()
        raise ConfigError(
            "This run delivered nothing that could be undone, or it was undone before.",
            run=run_id,
            latest_with_deliveries=latest[0] if latest else None,
        )
    counts: dict[str, int] = {}
    for (operation,) in rows:
        counts[operation] = counts.get(operation, 0) + 1
    return counts


def apply(connection: duckdb.DuckDBPyConnection, vendor: str) -> None:
    """Replace in `temp.planned` the rows of people whose run was undone by the inverse."""
    _end_overtaken(connection)
    rows = connection.execute(
        """
        select undone.person_id, undone.account_key, undone.operation, undone.changes,
            planned.held_state, held.fields
        from sync.reversals as undone
        inner join temp.planned as planned
            on undone.person_id = planned.person_id and undone.account_key = planned.account_key
        left join sync.ledger as held
            on held.vendor = ? and held.person_id = undone.person_id
            and held.account_key = undone.account_key
        where not coalesce(undone.is_over, false)
        order by undone.run_id desc
        """,
        [vendor],
    ).fetchall()
    if not rows:
        return
    inverse = {(row[0], row[1]): _inverse(*row) for row in reversed(rows)}
    connection.execute(
        """
        create or replace temp table inverse as
        select unnest(from_json(?::json, '[{
            "person_id": "VARCHAR", "account_key": "VARCHAR", "operation": "VARCHAR",
            "changes": "VARCHAR"
        }]'), recursive := true)
        """,
        [orjson.dumps(list(inverse.values())).decode()],
    )
    connection.execute(
        """
        update temp.planned set
            operation = inverse.operation, changes = inverse.changes, reason = 'undone',
            leaving_kind = if(inverse.operation = 'deactivate', 'undone', null),
            is_announced = false, hold = null
        from temp.inverse as inverse
        where planned.person_id = inverse.person_id
        and planned.account_key = inverse.account_key
        """
    )
    connection.execute("drop table temp.inverse")


def _end_overtaken(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember what the mart wanted when a run was undone; end the undo when that changes."""
    signature = "md5(coalesce(planned.payload_hash, '') || planned.desired_state)"
    connection.execute(
        f"""
        update sync.reversals as undone set
            wanted = coalesce(undone.wanted, {signature}),
            is_over = undone.wanted is not null and undone.wanted <> {signature}
        from temp.planned as planned
        where not coalesce(undone.is_over, false)
        and undone.person_id = planned.person_id and undone.account_key = planned.account_key
        """
    )


def _inverse(
    person_id: str,
    account_key: str,
    operation: str,
    changes: str | None,
    held_state: str | None,
    held_fields: str | None,
) -> dict[str, Any]:
    back: dict[str, list[Any]] = {}
    if operation in _GIVEN:
        inverse = "deactivate" if held_state == "active" else "none"
    else:
        held = orjson.loads(held_fields or "{}")
        back = {
            name: [held.get(name), before]
            for name, (before, _) in orjson.loads(changes or "{}").items()
            if held.get(name) != before
        }
        if operation == "deactivate":
            inverse = "reactivate" if held_state == "inactive" else "none"
        else:
            inverse = "update" if back else "none"
    return {
        "person_id": person_id,
        "account_key": account_key,
        "operation": inverse,
        "changes": orjson.dumps(back if inverse != "none" else {}).decode(),
    }
