"""Approvals: what a person's yes means. Four facts, each with a life of its own:

    activated   an approval of a plan that this connection made lets it send, for ever
    released    the rows that the approved plan held: until the vendor confirmed them, HR took them
                back, or it expires
    seen        the employers whose changed filters the approved plan showed
    configured  the setting `approved_plan`: where it equals tonight's value it is an approval,
                whenever it was typed; else it counts once, from when it was first met

The value to approve is a hash of the rows that wait, so a change that is not held leaves it as it is, and
a fresh store reaches it too. Its first eight digits are the connection's own: a value that was given to
another connection, or any other text, is known as such, and one of this connection also where its store
is lost. A row that the vendor has confirmed once, or that was approved and taken back, gives another
value the next time it waits.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection

import duckdb

from people_transforms.errors import ConfigError
from people_transforms.planning.holds import RELEASABLE
from people_transforms.safe_text import printable
from people_transforms.settings import Settings
from people_transforms.store.lake.place import accounts_of
from people_transforms.store.statements import quoted
from people_transforms.store.warehouse import json_text

VALID_FOR = dt.timedelta(days=7)
_MARK_LENGTH = 8
# Held by what an approval releases, in `sync.plan`; and of what may be asked tonight, what is held.
WAITS = f"hold in ({', '.join(map(quoted, sorted(RELEASABLE)))})"
IS_HELD = "hold is not null"
# What may be asked tonight, in the words of `sync.plan`.
_TONIGHT = "(select *, kind as hold from temp.plan_askable)"


def _kind(operation: str) -> str:
    """Compose the SQL for what answers a question: what a change was may become another the same night."""
    return f"if({operation} in ('create', 'adopt', 'update', 'reactivate'), 'write', {operation})"


# What the platform confirmed, also of what was purged from the log.
_CONFIRMED = f"""
    select person_id, account_key, {_kind("operation")} as kind, run_id, 1 as times
    from sync.deliveries where status = 'confirmed'
    union all
    select person_id, account_key, {_kind("operation")}, last_run_id, times from sync.answered
"""
# The latest runs whose plan waits for an approval, by its hash.
_WAITING = f"""
    select runs.plan_hash, max(runs.run_id) as run_id from sync.runs as runs
    where runs.plan_hash is not null and (
        runs.awaits_approval or exists (
            select 1 from sync.plan as waiting
            where waiting.run_id = runs.run_id and waiting.operation <> 'none' and {WAITS}
        )
    )
    group by all
"""


def approve(
    connection: duckdb.DuckDBPyConnection,
    plan_hash: str,
    by: str,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    source: str = "command",
    rows: Collection[str] | None = None,
) -> dict[str, int]:
    """Record the approval of a plan of this store that waits for one; give its counts.

    `rows` are the hashes of the only rows that it releases; without them it is all that waits.
    Raises ConfigError for any other hash, naming the latest that waits, and for a name that a terminal
    or a page would not show as it is.
    """
    if not by or by != printable(by):
        raise ConfigError("The name of who approves must be one line without control characters.")
    run_id = _run_of(connection, plan_hash)
    if run_id is None:
        latest = connection.execute(
            f"select plan_hash from ({_WAITING}) "
            "where plan_hash not in (select plan_hash from sync.approvals) "
            "order by run_id desc limit 1"
        ).fetchone()
        raise ConfigError(
            "No run of this connection has made a plan with this hash that waits for an approval. "
            + (
                "Approve the hash that the latest run printed."
                if latest
                else "No other plan waits either."
            ),
            given=plan_hash,
            latest=latest[0] if latest else None,
        )
    waits = f"run_id = $run_id and {WAITS}"
    if rows is None:
        shown = _shown(connection, "sync.plan", waits, run_id=run_id)
    else:
        shown = _shown_in_part(connection, waits, run_id, sorted(rows))
    until = expires_at or now + VALID_FOR
    _record(
        connection, plan_hash, run_id, shown, by=by, source=source, now=now, until=until, rows=rows
    )
    return shown[0]


def plan_counts(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> dict[str, int]:
    """Count, per operation, the changes that an approval of a plan releases."""
    return _shown(
        connection, "sync.plan", f"plan_hash = $plan_hash and {WAITS}", plan_hash=plan_hash
    )[0]


def vendor_of(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> str | None:
    """Name the platform of the connection that made a plan."""
    row = connection.execute(
        "select max(vendor) from sync.runs where plan_hash = ?", [plan_hash]
    ).fetchone()
    return row[0] if row else None


def _shown(
    connection: duckdb.DuckDBPyConnection, rows: str, condition: str, **values: object
) -> tuple[dict[str, int], list[str]]:
    """Say what a yes to these rows has seen: changes per operation, and whose new filters."""
    counts = connection.execute(
        f"select operation, count(distinct row_hash) from {rows} "
        f"where operation <> 'none' and {condition} group by all order by all",
        values,
    ).fetchall()
    employers = connection.execute(
        f"select distinct employer_id from {rows} where operation = 'deactivate' and {condition} "
        "and coalesce(hold, 'activation') in ('scope_changed', 'activation') order by all",
        values,
    ).fetchall()
    return dict(counts), [employer_id for (employer_id,) in employers]


def _shown_in_part(
    connection: duckdb.DuckDBPyConnection, waits: str, run_id: str, rows: list[str]
) -> tuple[dict[str, int], list[str]]:
    """Say what a yes to some of the rows has seen: filters only where no removal was left out.

    Raises ConfigError where nothing of it waits, and for a part of a connection's first plan: with it
    the connection would be active, and the rest would go unasked.
    """
    asked = f"{waits} and list_contains($chosen::varchar[], row_hash)"
    left_out = f"{waits} and not list_contains($chosen::varchar[], row_hash)"
    values = {"run_id": run_id, "chosen": rows}
    counts, seen = _shown(connection, "sync.plan", asked, **values)
    if not counts:
        raise ConfigError("None of these changes waits for an approval any more.")
    first = connection.execute(
        f"select 1 from sync.plan where {left_out} and hold = 'activation' limit 1", values
    ).fetchone()
    if first:
        raise ConfigError("The first plan of a connection is approved as a whole.")
    _, unseen = _shown(connection, "sync.plan", left_out, **values)
    return counts, [employer_id for employer_id in seen if employer_id not in unseen]


def accepted_runs(kind: str) -> str:
    """Write the query for the runs in which a person said yes to all that was held for a reason."""
    return f"""
        select run_id from sync.approvals where rows is null
        union
        select held.run_id from sync.plan as held
        left join (select run_id, unnest(rows) as row_hash from sync.approvals) as yes
            on held.run_id = yes.run_id and held.row_hash = yes.row_hash
        where held.operation <> 'none' and held.hold = {quoted(kind)}
        group by held.run_id having bool_and(yes.row_hash is not null)
    """


def _run_of(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> str | None:
    """Give the latest run whose plan of this hash waits for an approval."""
    row = connection.execute(
        f"select run_id from ({_WAITING}) where plan_hash = ?", [plan_hash]
    ).fetchone()
    return row[0] if row else None


def _record(
    connection: duckdb.DuckDBPyConnection,
    plan_hash: str,
    run_id: str,
    shown: tuple[dict[str, int], list[str]],
    *,
    by: str = "configuration",
    source: str = "configuration",
    now: dt.datetime,
    until: dt.datetime,
    rows: Collection[str] | None = None,
) -> None:
    counts, scopes_seen = shown
    connection.execute(
        """
        insert into sync.approvals by name
        select $plan_hash as plan_hash, $by as approved_by, $now as approved_at,
            $until as expires_at, $counts as counts, $source as source, runs.vendor,
            runs.source_system, runs.run_id, $scopes_seen::varchar[] as scopes_seen,
            $rows::varchar[] as rows,
        from sync.runs as runs where runs.run_id = $run_id
        """,
        {
            "plan_hash": plan_hash,
            "run_id": run_id,
            "by": by,
            "now": now,
            "until": until,
            "counts": json_text(counts),
            "source": source,
            "scopes_seen": scopes_seen,
            "rows": None if rows is None else sorted(rows),
        },
    )


def mark_of(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Give the digits that are this connection's own; they need no store.

    They hold what tells connections apart (platform, HR system, address, the name in the lake or the
    lowest account, the lowest employer) and no secret, so that a new key changes nothing.
    """
    accounts = accounts_of(settings.vendor, settings.configuration)
    row = connection.execute("select min(employer_id) from people.employers").fetchone()
    parts = (
        settings.vendor,
        settings.source_system,
        settings.configuration.get("api_url"),
        settings.warehouse.connection_id or next(iter(accounts), None),
        row[0] if row else None,
    )
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()[:_MARK_LENGTH]


def value_of(connection: duckdb.DuckDBPyConnection, mark: str, condition: str = "true") -> str:
    """Give the value that approves what may be asked tonight and meets a condition."""
    row = connection.execute(
        f"""
        with
        asked as (
            select row_hash, person_id, account_key, operation from {_TONIGHT}
            where {condition}
        ),
        answered as (
            select person_id, account_key, kind, sum(times)::bigint as times from (
                {_CONFIRMED}
                union all
                select person_id, account_key, {_kind("operation")}, run_id, 1 from temp.withdrawn
            )
            where (person_id, account_key) in (select (person_id, account_key) from asked)
            group by all
        )
        select md5(coalesce(string_agg(
            asked.row_hash || ' ' || coalesce(answered.times, 0), '' order by asked.row_hash
        ), ''))
        from asked left join answered
            on asked.person_id = answered.person_id and asked.account_key = answered.account_key
            and {_kind("asked.operation")} = answered.kind
        """
    ).fetchone()
    return mark + str(row[0] if row else "")[_MARK_LENGTH:]


def meet_configured(
    connection: duckdb.DuckDBPyConnection, settings: Settings, mark: str, now: dt.datetime
) -> None:
    """Take the configured value as an approval, once: of a plan of this store, or of a lost one.

    What a lost store has planned is not known, so nothing is released by it; the connection is active.
    """
    value = settings.approved_plan
    if (
        not value
        or connection.execute(
            "select 1 from sync.approvals where plan_hash = ? and source = 'configuration'", [value]
        ).fetchone()
    ):
        return
    run_id = _run_of(connection, value)
    if run_id is not None:
        shown = _shown(connection, "sync.plan", f"run_id = $run_id and {WAITS}", run_id=run_id)
        _record(connection, value, run_id, shown, now=now, until=now + VALID_FOR)
    elif len(value) == 32 and value.startswith(mark) and not is_active(connection, settings):
        _record(connection, value, _tonight(connection), ({}, []), now=now, until=now)


def accept_tonights(
    connection: duckdb.DuckDBPyConnection,
    plan_hash: str,
    now: dt.datetime,
    condition: str = "true",
) -> None:
    """Take tonight's value, which is configured, as an approval of what it was made of."""
    is_known = connection.execute(
        "select 1 from sync.approvals where plan_hash = ? and expires_at > ?", [plan_hash, now]
    ).fetchone()
    if not is_known:
        shown = _shown(connection, _TONIGHT, condition)
        until = now + VALID_FOR
        _record(connection, plan_hash, _tonight(connection), shown, now=now, until=until)
    connection.execute(
        f"""
        insert into temp.plan_approved
        select row_hash, $plan_hash as released_by from {_TONIGHT} where {condition}
        """,
        {"plan_hash": plan_hash},
    )


def _tonight(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select max(run_id) from sync.runs").fetchone()
    return str(row[0]) if row else ""


def mark_approved(
    connection: duckdb.DuckDBPyConnection, settings: Settings, now: dt.datetime
) -> None:
    """Fill `temp.plan_approved` with the row hashes that a valid approval releases tonight, and by which.

    A row that the vendor confirmed after the plan that was approved is used up; so is one that a later
    night's plan lacked.
    """
    _note_withdrawn(connection)
    connection.execute(
        f"""
        create or replace temp table plan_approved as
        with
        valid as (
            select plan_hash, rows from sync.approvals as approvals
            where expires_at > $now and {_MINE}
        ),
        asked as (
            select plan_hash, row_hash, person_id, account_key, operation, max(run_id) as run_id,
            from sync.plan as plan
            where operation <> 'none' and {WAITS}
            and exists (
                select 1 from valid
                where valid.plan_hash = plan.plan_hash
                and (valid.rows is null or list_contains(valid.rows, plan.row_hash))
            )
            group by all
        )
        select row_hash, min(plan_hash) as released_by from asked
        where not exists (
            select 1 from ({_CONFIRMED}) as done
            where done.person_id = asked.person_id and done.account_key = asked.account_key
            and done.kind = {_kind("asked.operation")} and done.run_id > asked.run_id
        )
        and (plan_hash, row_hash) not in (select (plan_hash, row_hash) from temp.withdrawn)
        group by all
        """,
        {"now": now, **_whose(settings)},
    )


def _note_withdrawn(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `temp.withdrawn`: of tonight's changes those approved before an accepted night that lacked them."""
    connection.execute(
        f"""
        create or replace temp table withdrawn as
        with
        approved_rows as (
            select plan.plan_hash, plan.row_hash, max(plan.run_id) as run_id,
                any_value(plan.person_id) as person_id, any_value(plan.account_key) as account_key,
                any_value(plan.operation) as operation,
            from sync.plan as plan
            inner join sync.approvals as approvals
                on plan.plan_hash = approvals.plan_hash
                and (approvals.rows is null or list_contains(approvals.rows, plan.row_hash))
            where plan.operation <> 'none' and {WAITS}
            and plan.row_hash in (select row_hash from temp.plan_changes)
            group by plan.plan_hash, plan.row_hash
        ),
        nights_since as (
            select approved_rows.*, later.run_id as later_id,
            from approved_rows
            inner join sync.runs as planned on approved_rows.run_id = planned.run_id
            inner join sync.runs as later
                on planned.run_id < later.run_id and planned.vendor = later.vendor
                and planned.source_system = later.source_system
            where later.accepted_on is not null
        )
        select distinct nights_since.* exclude (later_id)
        from nights_since
        anti join sync.plan as still
            on nights_since.later_id = still.run_id and nights_since.row_hash = still.row_hash
        """
    )


def is_active(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Tell whether a plan that this connection made was ever approved."""
    return bool(
        connection.execute(
            f"select 1 from sync.approvals as approvals where {_MINE} limit 1", _whose(settings)
        ).fetchone()
    )


# In a lake another platform's connection may have the same name. A store of an earlier release does not
# say whose an approval was: its runs do.
_MINE = """
    (
        (approvals.vendor = $vendor and approvals.source_system = $source_system)
        or (
            approvals.vendor is null and approvals.plan_hash in (
                select runs.plan_hash from sync.runs as runs
                where runs.vendor = $vendor and runs.source_system = $source_system
            )
        )
    )
"""


def _whose(settings: Settings) -> dict[str, str]:
    return {"vendor": settings.vendor, "source_system": settings.source_system}
