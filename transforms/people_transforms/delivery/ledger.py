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
from people_transforms.delivery.states import note_states
from people_transforms.delivery.vendor import Account
from people_transforms.errors import GoneError, in_our_words

# Status of a result → outcome of its plan row, where they are not the same word.
_OUTCOMES = {"rejected": "parked", "ambiguous": "waiting", "looked_up": "waiting"}
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
    log(connection, run_id, results)
    _update_ledger(connection, vendor, run_id, as_of, results)
    _forget_gone(connection, vendor, results)
    settle_invitations(connection, vendor, run_id, results)
    park(connection, run_id, results)
    _mark_plan(connection, results)
    connection.execute("commit")


def log(connection: duckdb.DuckDBPyConnection, run_id: str, results: Sequence[Result]) -> None:
    """Write down what the vendor answered, before it is known what will become of the change."""
    lines = [_delivery(r.change, r.status, r.account_id, r.error, r.shown) for r in results]
    _append_deliveries(connection, run_id, lines)


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
    shown: Account | None = None,
) -> dict[str, Any]:
    state = change.held_state if status == "intent" else None
    if shown is not None:
        state = "active" if shown.is_active else "inactive"
    return {
        "delivery_id": change.delivery_id,
        "person_id": change.person_id,
        "account_key": change.account_key,
        "operation": change.operation,
        "status": status,
        "account_id": account_id or change.account_id,
        "state": state,
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
    lines = [_line(r, as_of) for r in results if _is_told(r)]
    if not lines:
        return
    bound = {"vendor": vendor, "run_id": run_id, "as_of": as_of, "lines": as_lines(lines)}
    connection.execute(
        f"""
        create or replace temp table renewed as
        select
            $vendor as vendor, accepted.person_id, accepted.account_key, accepted.account_id,
            coalesce(accepted.external_id, held.external_id) as external_id,
            accepted.employer_id, held.state, held.ended_by, held.ended_on,
            -- What was sent is HR's word again, also when HR types the first value once more.
            if(
                held.adopted is null and accepted.unsaid = '{{}}', null,
                json_merge_patch(coalesce(held.adopted, '{{}}'), accepted.sent, accepted.unsaid)
            ) as adopted,
            json_merge_patch(coalesce(held.spelled, '{{}}'), accepted.spelled) as spelled,
            -- What was accepted before stays, what was sent now replaces it.
            json_merge_patch(
                json_merge_patch(coalesce(held.fields, accepted.shown, '{{}}'), '{{}}'),
                accepted.changed
            ) as fields,
            -- Without the hash the row is compared field by field: less than all of it was accepted.
            accepted.payload_hash,
            coalesce(accepted.spell_starts_on::date, held.spell_starts_on) as spell_starts_on,
            accepted.ends_on::date as ends_on,
            if(
                accepted.ends_on::date is not distinct from held.ends_on,
                held.ends_known_on, $as_of::date
            ) as ends_known_on,
            $run_id as updated_run_id,
        from {rows_of(*lines[0])} as accepted
        left join sync.ledger as held
            on held.vendor = $vendor and held.person_id = accepted.person_id
            and held.account_key = accepted.account_key
        """,
        bound,
    )
    connection.execute(
        """
        delete from sync.ledger as held using temp.renewed as renewed
        where held.vendor = renewed.vendor and held.person_id = renewed.person_id
        and held.account_key = renewed.account_key
        """
    )
    connection.execute("insert into sync.ledger by name select * from temp.renewed")
    seen = f"""
        select $vendor as vendor, person_id, account_key, is_active = 'true' as is_active,
            ended_by, ended_on,
        from {rows_of("person_id", "account_key", "is_active", "ended_by", "ended_on")}
    """
    note_states(connection, run_id, seen, {"vendor": vendor, "lines": bound["lines"]})


def _is_told(result: Result) -> bool:
    """Tell whether a result says something of an account: that a change was accepted, or what is there."""
    if result.change.operation == "invite" or result.status == "not_tried":
        return False
    return result.status == "confirmed" or result.shown is not None


def _line(result: Result, as_of: dt.date) -> dict[str, Any]:
    change, shown = result.change, result.shown
    is_accepted = result.status == "confirmed"
    is_whole = is_accepted and change.operation != "release" and not result.refused
    ends = change.operation == "deactivate"
    is_active = not ends and (change.operation != "release" or change.held_state == "active")
    if shown is not None and shown.tells_state:
        is_active = shown.is_active
    by_us = ends and is_accepted
    first_seen = shown is not None and (change.operation == "adopt" or not is_accepted)
    return {
        "person_id": change.person_id,
        "account_key": change.account_key,
        "account_id": result.account_id,
        "external_id": _external_id(result),
        "employer_id": change.employer_id,
        "is_active": is_active,
        "changed": orjson.dumps(change.fields if is_accepted else {}, default=str).decode(),
        "sent": orjson.dumps(dict.fromkeys(change.fields) if is_accepted else {}).decode(),
        "unsaid": orjson.dumps(_unsaid(change, shown) if is_accepted else {}).decode(),
        "spelled": orjson.dumps(_spelled(change, shown) if is_accepted else {}).decode(),
        "shown": orjson.dumps(shown.fields, default=str).decode() if shown and first_seen else None,
        "payload_hash": change.payload_hash if is_whole else None,
        "spell_starts_on": change.spell_starts_on if is_accepted else None,
        "ends_on": change.ends_on,
        "ended_by": "us" if by_us else None,
        "ended_on": as_of if by_us else _day(shown.ended_on if shown else None),
    }


def _unsaid(change: Change, shown: Account | None) -> dict[str, list[None]]:
    """Name what an account that was taken over has and HR says nothing of: it stays until HR does."""
    if change.operation != "adopt" or shown is None:
        return {}
    names = (name for name in change.unsaid if shown.fields.get(name) not in (None, ""))
    return {name: [None] for name in names if name not in change.fields}


def _spelled(change: Change, shown: Account | None) -> dict[str, str | None]:
    """Tell what the vendor made of values that it took: its own spelling, or none if it kept ours.

    A value that it did not take at all is none of its spellings.
    """
    if shown is None:
        return dict.fromkeys(change.fields)
    spelled: dict[str, str | None] = {}
    for name, value in change.fields.items():
        answer = shown.fields.get(name)
        is_own = answer not in (None, "", value) and str(answer) not in (
            str(value),
            str(change.before.get(name)),
        )
        spelled[name] = str(answer) if is_own else None
    return spelled


def _external_id(result: Result) -> str | None:
    """Give the id that the vendor has of the account now; None is the one that it had before."""
    change = result.change
    if change.operation in ("deactivate", "release"):
        return None
    if result.status in ("confirmed", "looked_up"):
        return change.external_id
    # Revived, and not yet ours: the next night tells the vendor our id.
    return "" if change.operation == "adopt" else None


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _mark_plan(connection: duckdb.DuckDBPyConnection, results: Sequence[Result]) -> None:
    lines = [
        {
            "row_hash": r.change.row_hash,
            "operation": r.change.operation,
            "outcome": "partly" if r.refused else _OUTCOMES.get(r.status, r.status),
            "refused": orjson.dumps([refusal.field for refusal in r.refused]).decode(),
        }
        for r in results
        if r.change.row_hash
    ]
    if not lines:
        return
    connection.execute(
        f"""
        create or replace temp table marked as
        select marked.row_hash, marked.outcome,
            from_json(marked.refused, '["VARCHAR"]') as refused_fields,
        from {rows_of(*lines[0])} as marked
        -- Of an account that was made and not invited the account counts.
        where marked.operation <> 'invite' or marked.row_hash in (
            select row_hash from temp.plan_changes where operation = 'invite'
        )
        """,
        {"lines": as_lines(lines)},
    )
    # What was tried again has the outcome of the last time.
    connection.execute(
        "delete from temp.plan_outcomes where row_hash in (select row_hash from temp.marked)"
    )
    connection.execute("insert into temp.plan_outcomes select * from temp.marked")


def carry_forward(connection: duckdb.DuckDBPyConnection, vendor: str, as_of: dt.date) -> None:
    """After an accepted run: remember announced ends and rows that needed no call."""
    connection.execute(
        """
        update sync.ledger as held set
            ends_on = planned.ends_on,
            ends_known_on = if(
                held.ends_on is distinct from planned.ends_on, $as_of::date, held.ends_known_on
            ),
            payload_hash = coalesce(planned.payload_hash, held.payload_hash),
            spell_starts_on = coalesce(planned.spell_starts_on, held.spell_starts_on)
        from temp.plan_planned as planned
        where held.vendor = $vendor and held.person_id = planned.person_id
        and held.account_key = planned.account_key
        and planned.operation = 'none' and planned.desired_state in ('active', 'update_only')
        and planned.held_state = 'active' and planned.hold is null
        and (
            held.ends_on is distinct from planned.ends_on
            or held.payload_hash is distinct from planned.payload_hash
        )
        """,
        {"vendor": vendor, "as_of": as_of},
    )
