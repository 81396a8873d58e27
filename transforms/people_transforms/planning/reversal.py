"""Undo a run: plan its inverse, and keep it until the HR system says something new.

The inverse passes the same gate as any change. A person stays as undone while the mart wants what it
wanted when the run was undone; the first change in HR ends that. Invitations can't be taken back.

Only what still stands as that run left it is undone: nobody whom HR has said something new of since, no
account that a later run ended or gave back, no value that was changed again or is somebody else's now.
An account that was in use before it was taken over is not ended: it gets its values back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson

from people_transforms.errors import ConfigError
from people_transforms.models import plan_models
from people_transforms.same_value import fold

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


def find(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `temp.plan_undone` with what is planned instead for people whose run was undone: the inverse."""
    undone = _undone(connection) if _is_asked(connection) else []
    _leave_taken_values(connection, undone)
    connection.execute(
        """
        create or replace temp table plan_undone as
        select unnest(from_json(?::json, '[{
            "person_id": "VARCHAR", "account_key": "VARCHAR", "operation": "VARCHAR",
            "changes": "VARCHAR"
        }]'), recursive := true)
        """,
        [orjson.dumps([one.inverse() for one in undone]).decode()],
    )


def _is_asked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Remember what the mart wanted when a run was undone; tell whether any undo goes on."""
    goes_on = "select 1 from sync.reversals where not coalesce(is_over, false) limit 1"
    if not connection.execute(goes_on).fetchone():
        return False
    plan_models.build(connection, "given_since", "overtaken")
    connection.execute(
        """
        update sync.reversals as undone set wanted = found.wanted, is_over = found.is_over
        from temp.plan_overtaken as found
        where undone.run_id = found.run_id and undone.person_id = found.person_id
        and undone.account_key = found.account_key and undone.operation = found.operation
        """
    )
    return bool(connection.execute(goes_on).fetchone())


@dataclass(slots=True)
class _Undone:
    """An account with changes that are undone: as it is (`held`), and as it was before them."""

    person_id: str
    account_key: str
    held_state: str | None
    held: Mapping[str, Any]
    state: str | None
    fields: dict[str, Any] = field(default_factory=dict)

    def take_back(self, operation: str, changes: Mapping[str, Any], *, was_active: bool) -> None:
        """Undo one change more, an earlier one than those before."""
        if operation in _GIVEN and not was_active:
            self.state = "inactive" if self.state == "active" else self.state
            return
        if operation == "deactivate":
            if self.state != "inactive":
                return
            self.state = "active"
        for name, (before, after) in changes.items():
            if self.fields.get(name, self.held.get(name)) == after:
                self.fields[name] = before

    def inverse(self) -> dict[str, Any]:
        """Give what is to be planned instead."""
        back = {
            name: [self.held.get(name), value]
            for name, value in self.fields.items()
            if value != self.held.get(name)
        }
        if self.state != self.held_state:
            operation = "reactivate" if self.state == "active" else "deactivate"
        else:
            operation = "update" if back and self.state == "active" else "none"
        changes = back if operation in ("reactivate", "update") else {}
        return {
            "person_id": self.person_id,
            "account_key": self.account_key,
            "operation": operation,
            "changes": orjson.dumps(changes).decode(),
        }


def _undone(connection: duckdb.DuckDBPyConnection) -> list[_Undone]:
    """List the accounts with changes that are undone, of each the latest change undone first."""
    plan_models.build(connection, "changes_to_undo")
    rows = connection.execute(
        """
        select person_id, account_key, held_state, fields, operation, changes, was_active
        from temp.plan_changes_to_undo order by run_id desc, person_id, account_key
        """
    ).fetchall()
    accounts: dict[tuple[str, str], _Undone] = {}
    for person, account, held_state, fields, operation, changes, was_active in rows:
        one = accounts.get((person, account))
        if one is None:
            held = orjson.loads(fields or "{}")
            one = _Undone(person, account, held_state, held, held_state)
            accounts[person, account] = one
        one.take_back(operation, orjson.loads(changes or "{}"), was_active=was_active)
    return list(accounts.values())


def _leave_taken_values(connection: duckdb.DuckDBPyConnection, undone: list[_Undone]) -> None:
    """Give nobody a value back that another account has by now, or takes tonight."""
    if not any(one.fields for one in undone):
        return
    plan_models.build(connection, "unique_values")
    owners: dict[str, dict[tuple[str, str], set[str]]] = {}
    for name, account, value, person in connection.execute(
        "select field, account_key, value, person_id from temp.plan_unique_values"
    ).fetchall():
        owners.setdefault(name, {}).setdefault((account, value), set()).add(person)
    for name, held_by in owners.items():
        _leave_taken(undone, name, held_by)


def _leave_taken(
    undone: list[_Undone], name: str, owners: Mapping[tuple[str, str], set[str]]
) -> None:
    while True:
        giving = {(one.account_key, one.person_id) for one in undone if name in one.fields}
        blocked = [
            one
            for one in undone
            if one.fields.get(name) is not None
            and any(
                person != one.person_id and (one.account_key, person) not in giving
                for person in owners.get((one.account_key, fold(str(one.fields[name]))), ())
            )
        ]
        if not blocked:
            return
        for one in blocked:
            del one.fields[name]
