"""The ledger: what the vendor has accepted, written ahead of and right after every call.

`sync.deliveries` is append-only (intent, then result); `sync.ledger` is one row per account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb
import orjson

from people_transforms.delivery.call import Change, Result
from people_transforms.delivery.dead_letters import park
from people_transforms.delivery.invitations import note_invitations, settle_invitations
from people_transforms.delivery.rows import as_lines, rows_of
from people_transforms.errors import GoneError, in_our_words

_STATE_AFTER = {
    "deactivate": "inactive",
    "create": "active",
    "adopt": "active",
    "reactivate": "active",
}
_NEEDS_ACCOUNT = {"update", "release", "reactivate"}


def intend(
    connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str, group: Sequence[Change]
) -> None:
    """Write down, before any call of a group, what is about to be done."""
    connection.execute("begin transaction")
    lines = [_delivery(change, "intent", None) for change in group]
    _append_deliveries(connection, run_id, lines)
    invited = [change for change in group if change.operation == "invite"]
    if invited:
        note_invitations(connection, vendor, run_id, invited, "intent")
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
    _forget_gone(connection, vendor, results)
    settle_invitations(connection, vendor, run_id, results)
    park(connection, run_id, results)
    _mark_plan(connection, results)
    connection.execute("commit")


def _forget_gone(
    connection: duckdb.DuckDBPyConnection, vendor: str, results: Sequence[Result]
) -> None:
    """Forget accounts that somebody deleted at the vendor: the next plan makes them anew."""
    gone = [
        [vendor, r.change.person_id, r.change.account_key]
        for r in results
        if isinstance(r.error, GoneError) and r.change.operation in _NEEDS_ACCOUNT
    ]
    if gone:
        connection.executemany(
            "delete from sync.ledger where vendor = ? and person_id = ? and account_key = ?", gone
        )


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
        "error": None if error is None else in_our_words(error),
    }


def _append_deliveries(
    connection: duckdb.DuckDBPyConnection, run_id: str, lines: Sequence[dict[str, Any]]
) -> None:
    if not lines:
        return
    connection.execute(
        f"""
        insert into sync.deliveries by name
        select *, $run_id as run_id, now() as logged_at from {rows_of(*lines[0])}
        """,
        {"run_id": run_id, "lines": as_lines(lines)},
    )


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
            "changed": orjson.dumps(r.change.fields, default=str).decode(),
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
    connection.execute(
        f"""
        create or replace temp table renewed as
        select
            $vendor as vendor, accepted.person_id, accepted.account_key, accepted.account_id,
            -- An account that ends keeps the id that the vendor has.
            if(
                accepted.operation in ('deactivate', 'release'),
                coalesce(held.external_id, accepted.external_id), accepted.external_id
            ) as external_id,
            accepted.employer_id, accepted.state,
            -- What was accepted before stays, what was sent now replaces it.
            json_merge_patch(
                json_merge_patch(coalesce(held.fields, '{{}}'), '{{}}'), accepted.changed
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
            $run_id as updated_run_id,
        from {rows_of(*lines[0])} as accepted
        left join sync.ledger as held
            on held.vendor = $vendor and held.person_id = accepted.person_id
            and held.account_key = accepted.account_key
        """,
        {"vendor": vendor, "as_of": as_of, "run_id": run_id, "lines": as_lines(lines)},
    )
    connection.execute(
        """
        delete from sync.ledger as held using temp.renewed as renewed
        where held.vendor = renewed.vendor and held.person_id = renewed.person_id
        and held.account_key = renewed.account_key
        """
    )
    connection.execute("insert into sync.ledger by name select * from temp.renewed")


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
    connection.execute(
        f"""
        update temp.planned set outcome = marked.outcome
        from {rows_of("row_hash", "outcome")} as marked where planned.row_hash = marked.row_hash
        """,
        {"lines": as_lines(lines)},
    )


def carry_forward(connection: duckdb.DuckDBPyConnection, vendor: str) -> None:
    """After an accepted run: remember announced ends and rows that needed no call."""
    connection.execute(
        """
        update sync.ledger as held set
            ends_on = planned.ends_on,
            payload_hash = coalesce(planned.payload_hash, held.payload_hash),
            spell_starts_on = coalesce(planned.spell_starts_on, held.spell_starts_on)
        from temp.planned as planned
        where held.vendor = ? and held.person_id = planned.person_id
        and held.account_key = planned.account_key
        and planned.operation = 'none' and planned.desired_state in ('active', 'update_only')
        and planned.held_state = 'active' and planned.hold is null
        and (
            held.ends_on is distinct from planned.ends_on
            or held.payload_hash is distinct from planned.payload_hash
        )
        """,
        [vendor],
    )
