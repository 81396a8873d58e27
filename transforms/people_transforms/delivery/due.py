"""What is to be sent: rows of the plan, releases that must come first, and invitations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import orjson

from people_transforms.delivery.call import Change
from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import folded

_COLUMNS = """
    planned.row_hash, planned.person_id, planned.account_key, planned.operation,
    planned.external_id, planned.account_id, planned.changes, planned.held_state,
    planned.moves_from, planned.spell_starts_on, planned.unbroken_since_on, planned.payload_hash,
    planned.employer_id, planned.ends_on, planned.leaving_kind,
    held.fields::varchar as held_fields,
    coalesce(planned.external_id <> planned.held_external_id, false) as is_rekeyed
"""


def changes(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, condition: str
) -> list[Change]:
    """Read the rows of `temp.plan_planned` that meet a condition as changes to send, in stable order."""
    types = field_types(connection, traits)
    rows = connection.execute(
        f"""
        with wanted as (
            select * from temp.plan_planned where operation <> 'none' and {condition}
        )
        select {_COLUMNS}
        from wanted as planned
        left join sync.ledger as held
            on held.vendor = ? and planned.person_id = held.person_id
            and planned.account_key = held.account_key
        order by planned.person_id, planned.account_key
        """,
        [vendor],
    ).fetchall()
    may_take_over = any(row[3] in ("create", "adopt") for row in rows)
    unsaid = _unsaid(connection, traits, list(types)) if may_take_over else {}
    return [_change(row, types, unsaid.get((row[1], row[2]), ())) for row in rows]


def _unsaid(
    connection: duckdb.DuckDBPyConnection, traits: Traits, fields: Sequence[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Name, of whom an account may be taken over, what HR says nothing of; no last day is an answer."""
    names = [name for name in fields if name != traits.last_day_field]
    listed = ", ".join(f"if({name} is null, '{name}', null)" for name in names)
    rows = connection.execute(
        f"""
        select person_id, account_key, list_filter([{listed}], lambda one: one is not null)
        from {traits.mart} where (person_id, account_key) in (
            select (person_id, account_key) from temp.plan_planned
            where hold is null and operation in ('create', 'adopt')
        )
        """
    ).fetchall()
    return {(person, account): tuple(unsaid) for person, account, unsaid in rows}


def _change(
    row: tuple[Any, ...],
    types: dict[str, str],
    unsaid: tuple[str, ...] = (),
    *,
    without_fields: bool = False,
) -> Change:
    changed = {} if without_fields else orjson.loads(row[6] or "{}")
    return Change(
        row_hash=row[0],
        person_id=row[1],
        account_key=row[2],
        operation=row[3],
        external_id=row[4],
        account_id=row[5],
        fields={name: _typed(pair[1], types[name]) for name, pair in changed.items()},
        before={name: pair[0] for name, pair in changed.items()},
        held_state=row[7],
        moves_from=row[8],
        spell_starts_on=row[9],
        unbroken_since_on=row[10],
        payload_hash=row[11],
        employer_id=row[12],
        ends_on=row[13],
        leaving_kind=row[14],
        held_fields=row[15],
        unsaid=unsaid,
        is_rekeyed=row[16],
    )


def anew(connection: duckdb.DuckDBPyConnection, traits: Traits, change: Change) -> Change | None:
    """Make the change that gives the person a new account for one that is gone; None if none is due."""
    types = field_types(connection, traits)
    rows = connection.execute(
        f"""
        select kept_fields, {", ".join(f"{name}::varchar" for name in types)}
        from {traits.mart}
        where person_id = ? and account_key = ? and desired_state = 'active'
        """,
        [change.person_id, change.account_key],
    ).fetchall()
    if len(rows) != 1:
        return None
    kept, *values = rows[0]
    held = orjson.loads(change.held_fields or "{}")
    fields = {
        name: _typed(held.get(name) if name in (kept or ()) else value, types[name])
        for name, value in zip(types, values, strict=True)
    }
    return change.again(
        operation="create",
        account_id=None,
        held_state=None,
        fields={name: value for name, value in fields.items() if value is not None},
        before={},
    )


def field_types(connection: duckdb.DuckDBPyConnection, traits: Traits) -> dict[str, str]:
    """Give the DuckDB type of each vendor field of the mart."""
    schema, table = traits.mart.split(".")
    types = dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = ? and table_name = ?",
            [schema, table],
        ).fetchall()
    )
    return {name: types.get(name, "VARCHAR") for name in traits.fields}


def _typed(text: str | None, kind: str) -> Any:
    if text is None:
        return None
    if kind == "DATE":
        return dt.date.fromisoformat(text)
    if kind in ("INTEGER", "BIGINT"):
        return int(text)
    if kind == "BOOLEAN":
        return text == "true"
    return text


def claimed_values(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str
) -> list[Change]:
    """List the releases that must come first: values that somebody else takes tonight.

    A holder gives its value up tonight too (an update, an end) or ended earlier; planning made
    sure of it.
    """
    releases = []
    for name in traits.unique_fields:
        if name in traits.required_fields:
            continue
        held = folded(f"held.fields ->> '$.{name}'")
        taken = folded(f"taker.changes -> '$.{name}' ->> 1")
        rows = connection.execute(
            f"""
            select distinct held.person_id, held.account_key, held.external_id, held.account_id,
                held.fields ->> '$.{name}', held.employer_id, held.spell_starts_on, held.state,
                held.fields::varchar
            from sync.ledger as held
            inner join temp.plan_planned as taker
                on held.account_key = taker.account_key and held.person_id <> taker.person_id
                and {held} = {taken}
            where held.vendor = ? and taker.hold is null
            and taker.operation in ('create', 'update', 'reactivate', 'adopt')
            order by all
            """,
            [vendor],
        ).fetchall()
        releases += [
            Change(
                row_hash="",
                person_id=row[0],
                account_key=row[1],
                operation="release",
                external_id=row[2],
                account_id=row[3],
                fields={name: None},
                before={name: row[4]},
                employer_id=row[5],
                spell_starts_on=row[6],
                held_state=row[7],
                held_fields=row[8],
            )
            for row in rows
        ]
    return releases


def accounts_left(connection: duckdb.DuckDBPyConnection, vendor: str) -> dict[str, Change]:
    """Give, per person who moves tonight, the account that is left."""
    rows = connection.execute(
        """
        select distinct held.person_id, held.account_key, held.external_id, held.account_id,
            held.state, held.fields::varchar,
        from sync.ledger as held
        inner join temp.plan_planned as mover
            on held.person_id = mover.person_id and held.account_key = mover.moves_from
        where held.vendor = ? and mover.hold is null
        """,
        [vendor],
    ).fetchall()
    return {
        person_id: Change(
            "", person_id, key, "release", external_id, account_id, {}, {},
            held_state=state, held_fields=fields,
        )
        for person_id, key, external_id, account_id, state, fields in rows
    }  # fmt: skip


def due_invitations(
    connection: duckdb.DuckDBPyConnection, vendor: str, made: Collection[tuple[str, str]]
) -> list[Change]:
    """List who is to be invited now: planned, not held, with an account and an address.

    `made` are the person and place of each account that this run has made itself.
    """
    rows = connection.execute(
        f"""
        select {_COLUMNS}, held.account_id,
            exists (
                select 1 from sync.invitations as before
                where before.vendor = $vendor and before.person_id = planned.person_id
                and before.account_key = planned.account_key and before.status = 'intent'
            ) as was_tried,
        from temp.plan_planned as planned
        left join temp.plan_outcomes as done on planned.row_hash = done.row_hash
        inner join sync.ledger as held
            on held.vendor = $vendor and held.person_id = planned.person_id
            and held.account_key = planned.account_key and held.state = 'active'
        where planned.invites
        and (
            (
                planned.hold is null
                and (
                    planned.operation in ('invite', 'update')
                    or done.outcome in ('confirmed', 'partly')
                )
            )
            -- What waits is a refused value; nobody is asked on a night that holds everything.
            or (
                planned.hold = 'dead_letter' and planned.operation = 'update' and not exists (
                    select 1 from temp.plan_planned as other
                    where other.hold is not null and other.hold <> 'dead_letter'
                    and other.operation <> 'none'
                )
            )
        )
        -- An address that the vendor refused was left out.
        and (held.fields ->> '$.email') is not null
        order by planned.person_id, planned.account_key
        """,
        {"vendor": vendor},
    ).fetchall()
    return [
        replace(
            _change(row, {}, without_fields=True),
            operation="invite",
            account_id=row[-2],
            was_tried=row[-1],
            is_fresh=(row[1], row[2]) in made,
        )
        for row in rows
    ]


def count_planned(connection: duckdb.DuckDBPyConnection) -> int:
    """Count the changes that this night is to deliver."""
    row = connection.execute(
        "select count(*) from temp.plan_planned where hold is null and operation <> 'none'"
    ).fetchone()
    return int(row[0]) if row else 0
