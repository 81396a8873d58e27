"""The ledger: what the vendor has accepted, written ahead of and right after every call.

`sync.deliveries` is append-only (intent, then result); `sync.ledger` is one row per account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb
import orjson

from people_transforms.delivery.call import Change, Result
from people_transforms.delivery.vendor import Traits
from people_transforms.warehouse import json_text

_STATE_AFTER = {
    "deactivate": "inactive",
    "create": "active",
    "adopt": "active",
    "reactivate": "active",
}


def changes(connection: duckdb.DuckDBPyConnection, traits: Traits, condition: str) -> list[Change]:
    """Read the rows of `temp.planned` that meet a condition as changes to send, in stable order."""
    types = field_types(connection, traits)
    rows = connection.execute(
        f"""
        select row_hash, person_id, account_key, operation, external_id, account_id, changes,
            held_state, moves_from, spell_starts_on, payload_hash, employer_id, ends_on,
            leaving_kind,
        from temp.planned where operation <> 'none' and {condition}
        order by person_id, account_key
        """
    ).fetchall()
    return [_change(row, types) for row in rows]


def _change(row: tuple[Any, ...], types: dict[str, str]) -> Change:
    changed = orjson.loads(row[6] or "{}")
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
        payload_hash=row[10],
        employer_id=row[11],
        ends_on=row[12],
        leaving_kind=row[13],
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
        rows = connection.execute(
            f"""
            select distinct held.person_id, held.account_key, held.external_id, held.account_id,
                held.fields ->> '$.{name}', held.employer_id, held.spell_starts_on, held.state
            from sync.ledger as held
            inner join temp.planned as taker
                on held.account_key = taker.account_key and held.person_id <> taker.person_id
                and lower(trim(held.fields ->> '$.{name}'))
                    = lower(trim(taker.changes -> '$.{name}' ->> 1))
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
            )
            for row in rows
        ]
    return releases


def accounts_left(connection: duckdb.DuckDBPyConnection, vendor: str) -> dict[str, Change]:
    """Give, per person who moves tonight, the account that is left."""
    rows = connection.execute(
        """
        select distinct held.person_id, held.account_key, held.external_id, held.account_id
        from sync.ledger as held
        inner join temp.planned as mover
            on held.person_id = mover.person_id and held.account_key = mover.moves_from
        where held.vendor = ? and mover.hold is null
        """,
        [vendor],
    ).fetchall()
    return {row[0]: Change("", row[0], row[1], "release", row[2], row[3], {}, {}) for row in rows}


def due_invitations(connection: duckdb.DuckDBPyConnection, vendor: str) -> list[Change]:
    """List who is to be invited now: planned, not held, and with an account that exists."""
    rows = connection.execute(
        """
        select planned.row_hash, planned.person_id, planned.account_key, 'invite',
            planned.external_id, held.account_id, '{}', held.state, null,
            planned.spell_starts_on, planned.payload_hash, planned.employer_id, planned.ends_on,
            null,
            exists (
                select 1 from sync.invitations as before
                where before.vendor = $vendor and before.person_id = planned.person_id
                and before.account_key = planned.account_key and before.status = 'intent'
            ) as was_tried,
            planned.operation = 'create' as is_fresh,
        from temp.planned as planned
        inner join sync.ledger as held
            on held.vendor = $vendor and held.person_id = planned.person_id
            and held.account_key = planned.account_key and held.state = 'active'
        where planned.invites and planned.hold is null
        and (planned.operation = 'invite' or planned.outcome = 'confirmed')
        order by planned.person_id, planned.account_key
        """,
        {"vendor": vendor},
    ).fetchall()
    return [replace(_change(row, {}), was_tried=row[14], is_fresh=row[15]) for row in rows]


def note_due_invitations(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Write down, before the first call, who is to be invited: a crash or a cap forgets nobody."""
    connection.execute(
        """
        insert into sync.invitations by name
        select $vendor as vendor, planned.person_id, planned.account_key, planned.spell_starts_on,
            'due' as status, $run_id as run_id, now() as decided_at,
        from temp.planned as planned
        anti join (select * from sync.invitations where vendor = $vendor) as known
            on known.person_id = planned.person_id and known.account_key = planned.account_key
            and known.spell_starts_on is not distinct from planned.spell_starts_on
        where planned.invites and planned.hold is null
        """,
        {"vendor": vendor, "run_id": run_id},
    )


def intend(
    connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str, group: Sequence[Change]
) -> None:
    """Write down, before any call of a group, what is about to be done."""
    connection.execute("begin transaction")
    lines = [_delivery(change, "intent", None) for change in group]
    _append_deliveries(connection, run_id, lines)
    invited = [change for change in group if change.operation == "invite"]
    if invited:
        _note_invitations(connection, vendor, run_id, invited, "intent")
    connection.execute("commit")


def settle(
    connection: duckdb.DuckDBPyConnection,
    vendor: str,
    run_id: str,
    as_of: dt.date,
    results: Sequence[Result],
) -> None:
    """Commit what became of a group: log, ledger, invitations, dead letters and plan rows."""
    if not results:
        return
    connection.execute("begin transaction")
    lines = [_delivery(r.change, r.status, r.account_id, r.error) for r in results]
    _append_deliveries(connection, run_id, lines)
    _update_ledger(connection, vendor, run_id, as_of, results)
    _settle_invitations(connection, vendor, run_id, results)
    _park(connection, run_id, results)
    _mark_plan(connection, results)
    connection.execute("commit")


def _delivery(
    change: Change,
    status: str,
    account_id: str | None,
    error: Exception | None = None,
) -> dict[str, Any]:
    return {
        "delivery_id": change.delivery_id,
        "person_id": change.person_id,
        "account_key": change.account_key,
        "operation": change.operation,
        "status": status,
        "account_id": account_id or change.account_id,
        "error": None if error is None else str(error),
    }


def _rows(
    connection: duckdb.DuckDBPyConnection, name: str, lines: Sequence[Any], kinds: str
) -> None:
    """Make a temporary table of a list of dicts; `kinds` is the JSON structure DuckDB reads."""
    connection.execute(
        f"create or replace temp table {name} as "
        f"select unnest(from_json(?::json, '[{kinds}]'), recursive := true)",
        [orjson.dumps(list(lines)).decode()],
    )


def _append_deliveries(
    connection: duckdb.DuckDBPyConnection, run_id: str, lines: Sequence[dict[str, Any]]
) -> None:
    names = (
        "delivery_id",
        "person_id",
        "account_key",
        "operation",
        "status",
        "account_id",
        "error",
    )
    _rows(connection, "delivered", lines, _texts(*names))
    connection.execute(
        """
        insert into sync.deliveries by name
        select *, ? as run_id, now() as logged_at from temp.delivered
        """,
        [run_id],
    )


def _texts(*names: str) -> str:
    return "{" + ", ".join(f'"{name}": "VARCHAR"' for name in names) + "}"


def _update_ledger(
    connection: duckdb.DuckDBPyConnection,
    vendor: str,
    run_id: str,
    as_of: dt.date,
    results: Sequence[Result],
) -> None:
    lines = [
        {
            "person_id": r.change.person_id,
            "account_key": r.change.account_key,
            "account_id": r.account_id,
            "external_id": r.change.external_id,
            "employer_id": r.change.employer_id,
            "state": _STATE_AFTER.get(r.change.operation, r.change.held_state),
            "changed": json_text(r.change.fields),
            "payload_hash": r.change.payload_hash,
            "spell_starts_on": r.change.spell_starts_on,
            "ends_on": r.change.ends_on,
            "operation": r.change.operation,
        }
        for r in results
        if r.status == "confirmed" and r.change.operation != "invite"
    ]
    if not lines:
        return
    _rows(connection, "accepted", lines, _texts(*lines[0]))
    connection.execute(
        """
        create or replace temp table renewed as
        select
            $vendor as vendor, accepted.person_id, accepted.account_key, accepted.account_id,
            accepted.external_id, accepted.employer_id, accepted.state,
            -- What was accepted before stays, what was sent now replaces it.
            json_merge_patch(
                json_merge_patch(coalesce(held.fields, '{}'), '{}'), accepted.changed
            ) as fields,
            case
                when accepted.operation = 'release' then null
                else coalesce(accepted.payload_hash, held.payload_hash)
            end as payload_hash,
            coalesce(accepted.spell_starts_on::date, held.spell_starts_on) as spell_starts_on,
            accepted.ends_on::date as ends_on,
            case
                when accepted.operation = 'deactivate' then 'us'
                when accepted.state = 'inactive' then held.ended_by
            end as ended_by,
            case
                when accepted.operation = 'deactivate' then $as_of::date
                when accepted.state = 'inactive' then held.ended_on
            end as ended_on,
            0 as absent_reads, $run_id as updated_run_id,
        from temp.accepted as accepted
        left join sync.ledger as held
            on held.vendor = $vendor and held.person_id = accepted.person_id
            and held.account_key = accepted.account_key
        """,
        {"vendor": vendor, "as_of": as_of, "run_id": run_id},
    )
    connection.execute(
        """
        delete from sync.ledger as held using temp.renewed as renewed
        where held.vendor = renewed.vendor and held.person_id = renewed.person_id
        and held.account_key = renewed.account_key
        """
    )
    connection.execute("insert into sync.ledger by name select * from temp.renewed")


def _note_invitations(
    connection: duckdb.DuckDBPyConnection,
    vendor: str,
    run_id: str,
    invited: Sequence[Change],
    status: str,
) -> None:
    names = ("person_id", "account_key", "spell_starts_on")
    lines = [{name: getattr(change, name) for name in names} for change in invited]
    _rows(connection, "invited", lines, _texts(*names))
    connection.execute(
        """
        delete from sync.invitations as known using temp.invited as invited
        where known.vendor = ? and known.person_id = invited.person_id
        and known.account_key = invited.account_key
        and known.spell_starts_on is not distinct from invited.spell_starts_on::date
        """,
        [vendor],
    )
    connection.execute(
        """
        insert into sync.invitations by name
        select ? as vendor, person_id, account_key, spell_starts_on::date as spell_starts_on,
            ? as status, ? as run_id, now() as decided_at
        from temp.invited
        """,
        [vendor, status, run_id],
    )


def _settle_invitations(
    connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str, results: Sequence[Result]
) -> None:
    for status, kept in (("confirmed", "sent"), ("rejected", "failed")):
        invited = [
            r.change for r in results if r.change.operation == "invite" and r.status == status
        ]
        if invited:
            _note_invitations(connection, vendor, run_id, invited, kept)


def _park(connection: duckdb.DuckDBPyConnection, run_id: str, results: Sequence[Result]) -> None:
    lines = [
        {
            "person_id": r.change.person_id,
            "account_key": r.change.account_key,
            "operation": r.change.operation,
            "cause": getattr(r.error, "cause", None),
            "field": getattr(r.error, "field", None),
            "message": None if r.error is None else r.error.sentence,
            "row_hash": r.change.row_hash,
            "status": r.status,
        }
        for r in results
        if r.status != "ambiguous"
    ]
    if not lines:
        return
    _rows(connection, "settled", lines, _texts(*lines[0]))
    connection.execute(
        """
        create or replace temp table parked as
        select settled.* exclude (status), coalesce(before.first_run_id, $run_id) as first_run_id,
            $run_id as last_run_id, coalesce(before.attempts, 0) + 1 as attempts, false as settled,
        from temp.settled as settled
        left join sync.dead_letters as before
            on before.person_id = settled.person_id and before.account_key = settled.account_key
            and before.operation = settled.operation and before.row_hash = settled.row_hash
        where settled.status = 'rejected'
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


def _mark_plan(connection: duckdb.DuckDBPyConnection, results: Sequence[Result]) -> None:
    lines = [
        {
            "row_hash": r.change.row_hash,
            "outcome": {"rejected": "parked", "ambiguous": "waiting"}.get(r.status, r.status),
        }
        for r in results
        if r.change.row_hash and not (r.change.operation == "invite" and r.status == "confirmed")
    ]
    if not lines:
        return
    _rows(connection, "marked", lines, _texts("row_hash", "outcome"))
    connection.execute(
        """
        update temp.planned set outcome = marked.outcome
        from temp.marked as marked where planned.row_hash = marked.row_hash
        """
    )


def carry_forward(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """After an accepted run: remember announced ends, absences and rows that needed no call."""
    connection.execute(
        """
        update sync.ledger as held set
            ends_on = planned.ends_on,
            payload_hash = coalesce(planned.payload_hash, held.payload_hash),
            spell_starts_on = coalesce(planned.spell_starts_on, held.spell_starts_on),
            absent_reads = 0
        from temp.planned as planned
        where held.vendor = ? and held.person_id = planned.person_id
        and held.account_key = planned.account_key
        and planned.operation = 'none' and planned.desired_state in ('active', 'update_only')
        and planned.held_state = 'active' and planned.hold is null
        and (
            held.ends_on is distinct from planned.ends_on
            or held.payload_hash is distinct from planned.payload_hash
            or held.absent_reads is distinct from 0
        )
        """,
        [vendor],
    )
    connection.execute(
        """
        update sync.ledger as held set absent_reads = held.absent_reads + 1
        from temp.planned as planned
        where held.vendor = $vendor and held.person_id = planned.person_id
        and held.account_key = planned.account_key
        and planned.reason in ('absent', 'absent_once') and planned.outcome is null
        and held.employer_id in (
            select employer_id from sync.reads
            where run_id = $run_id and stream in ('employees', 'employments')
            group by all having bool_and(is_complete)
        )
        """,
        {"vendor": vendor, "run_id": run_id},
    )
