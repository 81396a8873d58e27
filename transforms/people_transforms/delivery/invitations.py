"""Who was invited, is to be, or deliberately was not: at most once per spell of employment."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from people_transforms.delivery.call import Change, Result
from people_transforms.delivery.rows import as_lines, rows_of


def note_due_invitations(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Write down, before the first call, who is to be invited: a crash or a cap forgets nobody."""
    connection.execute(
        """
        insert into sync.invitations by name
        select $vendor as vendor, planned.person_id, planned.account_key, planned.spell_starts_on,
            'due' as status, $run_id as run_id, now() as decided_at,
        from temp.plan_planned as planned
        anti join (select * from sync.invitations where vendor = $vendor) as known
            on known.person_id = planned.person_id and known.account_key = planned.account_key
            and known.spell_starts_on is not distinct from planned.spell_starts_on
        -- Who is invited without being new is asked anew each night: the setting may change.
        where planned.invites and planned.hold is null
        and planned.operation in ('create', 'reactivate')
        """,
        {"vendor": vendor, "run_id": run_id},
    )


def note_invitations(
    connection: duckdb.DuckDBPyConnection,
    vendor: str,
    run_id: str,
    invited: Sequence[Change],
    status: str,
) -> None:
    names = ("person_id", "account_key", "spell_starts_on")
    lines = [{name: getattr(change, name) for name in names} for change in invited]
    connection.execute(
        f"create or replace temp table invited as select * from {rows_of(*names)}",
        {"lines": as_lines(lines)},
    )
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


def settle_invitations(
    connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str, results: Sequence[Result]
) -> None:
    """Write down which invitations went out, did not, or may have."""
    by_status: dict[str, list[Change]] = {}
    for result in results:
        if result.change.operation == "invite" and (status := _status_after(result)):
            by_status.setdefault(status, []).append(result.change)
    for status, invited in by_status.items():
        note_invitations(connection, vendor, run_id, invited, status)


def _status_after(result: Result) -> str | None:
    """Give the status of an invitation; None leaves it open, to be looked up the next night."""
    if result.status == "confirmed":
        if result.shown is None:
            return "unknown" if result.may_have_happened else "sent"
        return "unknown" if result.shown.invitation_state is None else "sent"
    if result.status == "rejected":
        return "failed"
    if not result.may_have_happened:
        return "due"
    return None
