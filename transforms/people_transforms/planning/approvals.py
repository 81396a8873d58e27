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
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import duckdb

from people_transforms.errors import ConfigError
from people_transforms.models import plan_models
from people_transforms.planning.holds import RELEASABLE
from people_transforms.safe_text import printable
from people_transforms.settings import Settings
from people_transforms.store.lake.place import accounts_of
from people_transforms.store.warehouse import json_text

VALID_FOR = dt.timedelta(days=7)
_MARK_LENGTH = 8
_RELEASABLE = sorted(RELEASABLE)
# A removal that waits for one of these was shown as what the source's filters would do.
_SHOWS_FILTERS = ("scope_changed", "activation", None)
# What a yes has seen: changes per operation, and the employers whose changed filters it showed.
Shown = tuple[dict[str, int], list[str]]


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
    run_id = _waiting(connection, plan_hash).get(plan_hash)
    if run_id is None:
        latest = _latest_unanswered(connection)
        raise ConfigError(
            "No run of this connection has made a plan with this hash that waits for an approval. "
            + (
                "Approve the hash that the latest run printed."
                if latest
                else "No other plan waits either."
            ),
            given=plan_hash,
            latest=latest,
        )
    chosen = None if rows is None else sorted(rows)
    shown = _shown(connection, run_id) if chosen is None else _part(connection, run_id, chosen)
    until = expires_at or now + VALID_FOR
    _record(
        connection,
        plan_hash,
        run_id,
        shown,
        by=by,
        source=source,
        now=now,
        until=until,
        rows=chosen,
    )
    return shown[0]


def plan_counts(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> dict[str, int]:
    """Count, per operation, the changes that an approval of a plan releases."""
    rows = connection.execute(
        """
        select operation, count(distinct row_hash) from sync.plan
        where plan_hash = ? and operation <> 'none' and list_contains(?::varchar[], hold)
        group by all order by all
        """,
        [plan_hash, _RELEASABLE],
    ).fetchall()
    return dict(rows)


def vendor_of(connection: duckdb.DuckDBPyConnection, plan_hash: str) -> str | None:
    """Name the platform of the connection that made a plan."""
    row = connection.execute(
        "select max(vendor) from sync.runs where plan_hash = ?", [plan_hash]
    ).fetchone()
    return row[0] if row else None


def accepted_runs(connection: duckdb.DuckDBPyConnection, kind: str) -> list[str]:
    """List the runs in which a person said yes to all that was held for a reason."""
    rows = connection.execute(
        """
        select run_id from sync.approvals where rows is null
        union
        select held.run_id from sync.plan as held
        left join (select run_id, unnest(rows) as row_hash from sync.approvals) as yes
            on held.run_id = yes.run_id and held.row_hash = yes.row_hash
        where held.operation <> 'none' and held.hold = ?
        group by held.run_id having bool_and(yes.row_hash is not null)
        """,
        [kind],
    ).fetchall()
    return [run_id for (run_id,) in rows]


def _waiting(connection: duckdb.DuckDBPyConnection, plan_hash: str | None = None) -> dict[str, str]:
    """Give the latest run of each plan, or of one, that waits for an approval, by the plan's hash."""
    rows = connection.execute(
        """
        select plan_hash, max(run_id) from sync.runs as runs
        where plan_hash = coalesce($plan_hash, plan_hash) and (
            awaits_approval or exists (
                select 1 from sync.plan as waiting
                where waiting.run_id = runs.run_id and waiting.operation <> 'none'
                and list_contains($releasable::varchar[], waiting.hold)
            )
        )
        group by all
        """,
        {"plan_hash": plan_hash, "releasable": _RELEASABLE},
    ).fetchall()
    return dict(rows)


def _latest_unanswered(connection: duckdb.DuckDBPyConnection) -> str | None:
    waiting = _waiting(connection)
    given = connection.execute("select distinct plan_hash from sync.approvals").fetchall()
    unanswered = set(waiting) - {plan_hash for (plan_hash,) in given}
    return max(unanswered, key=waiting.__getitem__, default=None)


def _shown(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    chosen: Sequence[str] | None = None,
    *,
    is_left_out: bool = False,
) -> Shown:
    """Say what a yes to a run's plan has seen, or to its chosen rows, or to the others."""
    return _as_shown(
        connection.execute(
            """
            select operation, employer_id, hold, count(distinct row_hash) from sync.plan
            where run_id = $run_id and operation <> 'none'
            and list_contains($releasable::varchar[], hold)
            and ($chosen is null
                or list_contains($chosen::varchar[], row_hash) <> $is_left_out)
            group by all order by all
            """,
            {
                "run_id": run_id,
                "releasable": _RELEASABLE,
                "chosen": chosen,
                "is_left_out": is_left_out,
            },
        ).fetchall()
    )


def _shown_tonight(connection: duckdb.DuckDBPyConnection, *, only_held: bool) -> Shown:
    """Say what a yes to what may be asked tonight has seen."""
    return _as_shown(
        connection.execute(
            """
            select operation, employer_id, kind, count(distinct row_hash) from temp.plan_askable
            where operation <> 'none' and (kind is not null or not $only_held)
            group by all order by all
            """,
            {"only_held": only_held},
        ).fetchall()
    )


def _as_shown(rows: Iterable[tuple[str, str, str | None, int]]) -> Shown:
    """Sum up the changes per operation, and name the employers whose changed filters they show."""
    counts: Counter[str] = Counter()
    seen = set()
    for operation, employer_id, hold, count in rows:
        counts[operation] += count
        if operation == "deactivate" and hold in _SHOWS_FILTERS:
            seen.add(employer_id)
    return dict(counts), sorted(seen)


def _part(connection: duckdb.DuckDBPyConnection, run_id: str, chosen: Sequence[str]) -> Shown:
    """Say what a yes to some of the rows has seen: filters only where no removal was left out.

    Raises ConfigError where nothing of it waits, and for a part of a connection's first plan: with it
    the connection would be active, and the rest would go unasked.
    """
    counts, seen = _shown(connection, run_id, chosen)
    if not counts:
        raise ConfigError("None of these changes waits for an approval any more.")
    is_first = connection.execute(
        "select 1 from sync.plan where run_id = ? and operation <> 'none' and hold = 'activation' "
        "and not list_contains(?::varchar[], row_hash) limit 1",
        [run_id, chosen],
    ).fetchone()
    if is_first:
        raise ConfigError("The first plan of a connection is approved as a whole.")
    _, unseen = _shown(connection, run_id, chosen, is_left_out=True)
    return counts, [employer_id for employer_id in seen if employer_id not in unseen]


def _record(
    connection: duckdb.DuckDBPyConnection,
    plan_hash: str,
    run_id: str,
    shown: Shown,
    *,
    by: str = "configuration",
    source: str = "configuration",
    now: dt.datetime,
    until: dt.datetime,
    rows: Sequence[str] | None = None,
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
            "rows": rows,
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


def value_of(connection: duckdb.DuckDBPyConnection, mark: str, *, only_held: bool = False) -> str:
    """Give the value that approves what may be asked tonight, or what of it is held."""
    row = connection.execute(
        """
        select md5(coalesce(string_agg(row_hash || ' ' || times, '' order by row_hash), ''))
        from temp.plan_asked where kind is not null or not ?
        """,
        [only_held],
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
    run_id = _waiting(connection, value).get(value)
    if run_id is not None:
        shown = _shown(connection, run_id)
        _record(connection, value, run_id, shown, now=now, until=now + VALID_FOR)
    elif len(value) == 32 and value.startswith(mark) and not is_active(connection):
        _record(connection, value, _tonight(connection), ({}, []), now=now, until=now)


def accept_tonights(
    connection: duckdb.DuckDBPyConnection,
    plan_hash: str,
    now: dt.datetime,
    *,
    only_held: bool = False,
) -> None:
    """Take tonight's value, which is configured, as an approval of what it was made of."""
    is_known = connection.execute(
        "select 1 from sync.approvals where plan_hash = ? and expires_at > ?", [plan_hash, now]
    ).fetchone()
    if not is_known:
        shown = _shown_tonight(connection, only_held=only_held)
        until = now + VALID_FOR
        _record(connection, plan_hash, _tonight(connection), shown, now=now, until=until)
    connection.execute(
        """
        insert into temp.plan_approved
        select row_hash, $plan_hash as released_by from temp.plan_askable
        where kind is not null or not $only_held
        """,
        {"plan_hash": plan_hash, "only_held": only_held},
    )


def _tonight(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select max(run_id) from sync.runs").fetchone()
    return str(row[0]) if row else ""


def mark_approved(connection: duckdb.DuckDBPyConnection, now: dt.datetime) -> None:
    """Fill `temp.plan_approved` with the changes that a valid approval releases tonight, and by which."""
    connection.execute("set variable now = ?", [now])
    plan_models.build(connection, "answered", "withdrawn", "approved")


def is_active(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a plan that this connection made was ever approved."""
    return bool(connection.execute("select 1 from temp.plan_own_approvals limit 1").fetchone())
