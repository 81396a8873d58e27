"""Undo a run: plan its inverse, and keep it until the HR system says something new.

The inverse passes the same gate as any change. A person stays as undone while the mart wants what it
wanted when the run was undone; the first change in HR ends that. Invitations can't be taken back.

Only what still stands as that run left it is undone: nobody whom HR has said something new of since, no
account that a later run ended or gave back, no value that was changed again or is somebody else's now.
An account that was in use before it was taken over is not ended: it gets its values back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson

from people_transforms.delivery.vendor import Traits
from people_transforms.errors import ConfigError
from people_transforms.same_value import fold, folded
from people_transforms.store.statements import quoted

_GIVEN = ("create", "adopt", "reactivate")
_STATES = ", ".join(map(quoted, (*_GIVEN, "deactivate")))


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


def find(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Fill `temp.undone` with what is planned instead for people whose run was undone: the inverse."""
    _end_overtaken(connection)
    undone = _undone(connection, vendor)
    for name in traits.unique_fields:
        _leave_taken_values(connection, undone, name, vendor)
    connection.execute(
        """
        create or replace temp table undone as
        select unnest(from_json(?::json, '[{
            "person_id": "VARCHAR", "account_key": "VARCHAR", "operation": "VARCHAR",
            "changes": "VARCHAR"
        }]'), recursive := true)
        """,
        [orjson.dumps([one.inverse() for one in undone]).decode()],
    )


def _end_overtaken(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember what the mart wanted when a run was undone; end the undo when that changes.

    It is over from the beginning where that changed since the latest run that is undone, or where a later
    run that is not undone has ended the account or given it back.
    """
    signature = "md5(coalesce(planned.payload_hash, '') || planned.desired_state)"
    connection.execute(
        f"""
        update sync.reversals as undone set
            wanted = coalesce(undone.wanted, {signature}),
            is_over = if(
                undone.wanted is not null, undone.wanted <> {signature},
                case latest.operation
                    when 'deactivate' then planned.desired_state <> 'ended'
                    when 'update' then planned.desired_state not in ('active', 'update_only')
                    else planned.desired_state <> 'active'
                end
                or coalesce(planned.payload_hash <> (
                    select max(done.payload_hash) from sync.plan as done
                    where done.run_id = latest.run_id and done.person_id = undone.person_id
                    and done.account_key = undone.account_key and done.operation <> 'none'
                ), false)
                or (undone.operation <> 'update' and exists (
                    select 1 from sync.deliveries as later
                    where later.person_id = undone.person_id
                    and later.account_key = undone.account_key
                    and later.run_id > undone.run_id and later.status = 'confirmed'
                    and later.operation in ({_STATES})
                    and not exists (
                        select 1 from sync.reversals as other
                        where other.run_id = later.run_id
                        and other.person_id = later.person_id
                        and other.account_key = later.account_key
                    )
                    and later.run_id not in (
                        select planned_by_undo.run_id from sync.plan as planned_by_undo
                        where planned_by_undo.reason = 'undone'
                        and planned_by_undo.person_id = later.person_id
                        and planned_by_undo.account_key = later.account_key
                    )
                ))
            )
        from temp.plan_with_adoptions as planned
        inner join (
            select person_id, account_key, max(run_id) as run_id,
                max_by(operation, run_id) as operation,
            from sync.reversals where not coalesce(is_over, false) group by all
        ) as latest
            on planned.person_id = latest.person_id and planned.account_key = latest.account_key
        where not coalesce(undone.is_over, false)
        and undone.person_id = planned.person_id and undone.account_key = planned.account_key
        """
    )


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


def _undone(connection: duckdb.DuckDBPyConnection, vendor: str) -> list[_Undone]:
    """List the accounts with changes that are undone, of each the latest change undone first."""
    rows = connection.execute(
        """
        select undone.person_id, undone.account_key, planned.held_state, held.fields,
            undone.operation, undone.changes,
            undone.operation = 'adopt' and exists (
                select 1 from sync.deliveries as taken
                where taken.run_id = undone.run_id and taken.person_id = undone.person_id
                and taken.account_key = undone.account_key and taken.operation = 'adopt'
                and taken.status = 'intent' and taken.state = 'active'
            ) as was_active,
        from sync.reversals as undone
        inner join temp.plan_with_adoptions as planned
            on undone.person_id = planned.person_id and undone.account_key = planned.account_key
        left join sync.ledger as held
            on held.vendor = ? and held.person_id = undone.person_id
            and held.account_key = undone.account_key
        where not coalesce(undone.is_over, false)
        order by undone.run_id desc, undone.person_id, undone.account_key
        """,
        [vendor],
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


def _leave_taken_values(
    connection: duckdb.DuckDBPyConnection, undone: list[_Undone], name: str, vendor: str
) -> None:
    """Give nobody a value back that another account has by now, or takes tonight."""

    def wanting() -> Iterator[_Undone]:
        return (one for one in undone if one.fields.get(name) is not None)

    if next(wanting(), None) is None:
        return
    taken = connection.execute(
        f"""
        select held.account_key, {folded(f"held.fields ->> '$.{name}'")}, held.person_id
        from sync.ledger as held
        where held.vendor = $vendor and held.state = 'active'
        union all
        select planned.account_key, {folded(f"planned.changes -> '$.{name}' ->> 1")},
            planned.person_id
        from temp.plan_with_adoptions as planned
        where planned.operation in ('create', 'update', 'reactivate', 'adopt')
        """,
        {"vendor": vendor},
    ).fetchall()
    owners: dict[tuple[str, str], set[str]] = {}
    for account, value, person in taken:
        owners.setdefault((account, value), set()).add(person)
    while True:
        giving = {(one.account_key, one.person_id) for one in undone if name in one.fields}
        blocked = [
            one
            for one in wanting()
            if any(
                person != one.person_id and (one.account_key, person) not in giving
                for person in owners.get((one.account_key, fold(str(one.fields[name]))), ())
            )
        ]
        if not blocked:
            return
        for one in blocked:
            del one.fields[name]
