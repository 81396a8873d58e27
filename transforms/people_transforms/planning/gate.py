"""The gate: what of the plan may be sent tonight, and what waits for a person.

Held kinds don't hold the others. Holds for a bad read can't be released by an approval; the next
good read releases them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import duckdb

from people_transforms.delivery.dead_letters import STILL_REFUSED
from people_transforms.delivery.refusals import let_go
from people_transforms.delivery.vendor import Traits
from people_transforms.planning import (
    approvals,
    brakes,
    calendar,
    identities,
    moves,
    outside,
    rekeyed,
)
from people_transforms.planning.holds import RELEASABLE, WAITS_FOR_A_READ, Gated, Hold
from people_transforms.planning.unread import find_unread, unread_facts
from people_transforms.same_value import folded
from people_transforms.settings import FleetBrake, Settings

if TYPE_CHECKING:
    from people_transforms.store.lake.fleet import Strike

# Columns that HR types and that the rules need; a gap in any other is somebody's ordinary change.
_TYPED = ("personal_number", "first_name", "last_name", "business_email", "birth_on", "starts_on")

_NOT_APPROVED = "this connection has not been approved yet"
_EVERYTHING = f"(hold is null or {approvals.WAITS})"
# What has struck other connections since a moment.
Strikes = Callable[[dt.datetime], "Sequence[Strike]"]


def _none_elsewhere(_: dt.datetime) -> Sequence[Strike]:
    return ()


def hold(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    traits: Traits,
    *,
    plan_hash: str,
    as_of: dt.date,
    now: dt.datetime,
    strikes: Strikes = _none_elsewhere,
) -> Gated:
    """Set `hold`, `hold_reason` and `released_by` in `temp.planned`; say what is held, most first.

    `plan_hash` covers all changes; where some wait for an approval, the value to approve takes its place.
    """
    connection.execute("alter table temp.planned add column hold_reason varchar")
    connection.execute("alter table temp.planned add column released_by varchar")
    mark = approvals.mark_of(connection, settings)
    approvals.meet_configured(connection, settings, mark, now)
    approvals.mark_approved(connection, settings, now)
    _explain_early_holds(connection)
    let_go(connection, traits, settings.vendor)
    _hold_dead_letters(connection)
    _hold_what_was_not_read(connection)
    identities.hold(connection)
    rekeyed.hold(connection)
    if not settings.import_employees:
        _set(connection, "import_off", "`import_employees` is off", "true")
    value = approvals.value_of(connection, mark, _EVERYTHING)
    if value == settings.approved_plan:
        approvals.accept_tonights(connection, value, _EVERYTHING, now)
    is_active = approvals.is_active(connection, settings)
    if not is_active:
        _set(connection, "activation", _NOT_APPROVED, "true")
    _hold_odd_day(connection, as_of)
    _hold_changed_scope(connection)
    _hold_low_fill_rates(connection, settings, traits, as_of)
    brakes.hold(connection, settings, traits, as_of)
    if settings.fleet_brake is not None:
        hold_with_the_fleet(connection, strikes, settings.fleet_brake, now)
    value = approvals.value_of(connection, mark, approvals.WAITS)
    if value == settings.approved_plan and is_active:
        approvals.accept_tonights(connection, value, approvals.WAITS, now)
    _hold_dependents(connection, traits, settings.vendor)
    moves.hold(connection)
    connection.execute(
        """
        update temp.planned set released_by = approved.released_by from temp.approved as approved
        where planned.row_hash = approved.row_hash and planned.hold is null
        """
    )
    holds = _held(connection)
    kinds = {held.kind for held in holds}
    if is_active or not settings.import_employees or kinds & (RELEASABLE | WAITS_FOR_A_READ):
        return Gated(tuple(holds), value if kinds & RELEASABLE else plan_hash)
    if unread_facts(connection):
        return Gated(tuple(holds), plan_hash)
    # Nothing has to be sent, and nothing may be until a person has seen that it is so.
    return Gated((*holds, Hold("activation", 0, _NOT_APPROVED)), value)


def _held(connection: duckdb.DuckDBPyConnection) -> list[Hold]:
    rows = connection.execute(
        """
        select hold, count(*), min(hold_reason) from temp.planned
        where hold is not null and operation <> 'none' group by hold order by 2 desc, 1
        """
    ).fetchall()
    return [Hold(*row) for row in rows]


def _set(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    reason: str,
    condition: str,
    *,
    releasable: bool = True,
) -> None:
    released = "and row_hash not in (select row_hash from temp.approved)" if releasable else ""
    connection.execute(
        f"""
        update temp.planned set hold = ?, hold_reason = ?
        where operation <> 'none' and hold is null and ({condition}) {released}
        """,
        [kind, reason],
    )


def _explain_early_holds(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the reason of what planning held beside it."""
    for kind, reason in (
        ("conflict", "another account has a value that must be unique"),
        ("foreign_account", "an account with this id belongs to somebody else"),
        ("outside_settings", outside.REASON),
    ):
        connection.execute("update temp.planned set hold_reason = ? where hold = ?", [reason, kind])


def _hold_dead_letters(connection: duckdb.DuckDBPyConnection) -> None:
    """A change the vendor refused waits until the person changes or somebody asks for a retry."""
    _set(
        connection,
        "dead_letter",
        "the vendor refused this change before",
        STILL_REFUSED,
        releasable=False,
    )


def _hold_what_was_not_read(connection: duckdb.DuckDBPyConnection) -> None:
    """Absence of evidence is no evidence: the next good read releases these, no approval does."""
    _set(
        connection,
        "employer_gone",
        "the employer is no longer listed: access was probably lost",
        "operation = 'deactivate' and employer_id not in (select employer_id from people.employers)",
        releasable=False,
    )
    find_unread(connection)
    connection.execute(
        """
        update temp.planned set hold = 'not_read', hold_reason = unread.reason
        from temp.unread as unread
        where planned.operation <> 'none' and planned.hold is null
        and planned.person_id = unread.person_id and planned.account_key = unread.account_key
        """
    )


def _hold_odd_day(connection: duckdb.DuckDBPyConnection, as_of: dt.date) -> None:
    """A clock that runs ahead or back, or an `as_of` that was left standing, is no business day."""
    jump = calendar.jump(connection, as_of)
    if jump:
        _set(connection, "calendar", jump, "true")


def _hold_changed_scope(connection: duckdb.DuckDBPyConnection) -> None:
    """Hold removals of an employer whose visible people changed, until a person has seen them held."""
    _set(
        connection,
        "scope_changed",
        "the filters stored at the source changed since the last approval, and filters hide people",
        """
        operation = 'deactivate' and employer_id in (
            select scope.employer_id
            from people.source_scope as scope
            where scope.changed_in_run is not null and not exists (
                select 1 from sync.approvals as approvals
                where approvals.run_id >= scope.changed_in_run
                and list_contains(approvals.scopes_seen, scope.employer_id)
            )
        )
        """,
    )


def hold_with_the_fleet(
    connection: duckdb.DuckDBPyConnection, strikes: Strikes, brake: FleetBrake, now: dt.datetime
) -> None:
    """Hold what is left when one cause has struck too many other connections of the lake tonight.

    Any cause counts, also for a run that sees nothing wrong: a vendor or a release that harms one in
    ten is no ordinary night for the others. Being held by this brake is no cause itself.
    """
    if not connection.execute(
        "select 1 from temp.planned where operation <> 'none' and hold is null "
        "and row_hash not in (select row_hash from temp.approved) limit 1"
    ).fetchone():
        return
    for strike in strikes(now - dt.timedelta(hours=brake.hours)):
        if strike.struck >= brake.limit(strike.ran):
            label = strike.cause.replace("_", " ")
            reason = (
                f"{label} struck {strike.struck} of the {strike.ran} other connections that ran "
                f"tonight (held from {max(1, -(-brake.limit(strike.ran) // 1)):.0f})"
            )
            _set(connection, "fleet", reason, "true")
            return


def _hold_low_fill_rates(
    connection: duckdb.DuckDBPyConnection, settings: Settings, traits: Traits, as_of: dt.date
) -> None:
    """Hold everything when a column that was filled is suddenly empty for many people.

    Compared with the last accepted day before this one: a second attempt of a day changes nothing. A
    person who approved a plan that was held for it has accepted what that run had.
    """
    brake = settings.brakes.fill_rate
    previous = connection.execute(
        f"""
        select coalesce(fill_rates, held_fill_rates) from sync.runs
        where (fill_rates is not null and coalesce(accepted_on < ?, true))
        or (held_fill_rates is not null and run_id in ({approvals.accepted_runs("fill_rate")}))
        order by run_id desc limit 1
        """,
        [as_of],
    ).fetchone()
    if brake is None or previous is None:
        return
    before: dict[str, float] = json.loads(previous[0])
    people, now_filled = fill_rates(connection, traits)
    dropped = [
        f"{name} {before[name]:.0%} → {share:.0%}"
        for name, share in now_filled.items()
        if before.get(name, 0) - share > brake.share
        and (before[name] - share) * people >= brake.at_least
    ]
    if dropped:
        reason = f"a column is suddenly empty for many people: {', '.join(dropped)}"
        _set(connection, "fill_rate", reason, "true")


def fill_rates(
    connection: duckdb.DuckDBPyConnection, traits: Traits
) -> tuple[int, dict[str, float]]:
    """Count the people, and give the share of them that has a value, per column HR types."""
    known = {
        row[0]
        for row in connection.execute(
            "select column_name from duckdb_columns() "
            "where schema_name = 'people' and table_name = 'people'"
        ).fetchall()
    }
    filled = {name: f"count({name})" for name in _TYPED if name in known}
    if "access" in known:
        filled["access"] = "count(*) filter (where access <> 'not_said')"
    if traits.routing_mart:
        filled["note"] = f"(select count(*) from {traits.routing_mart})"
    listed = ", ".join(["count(*)", *filled.values()])
    row = connection.execute(f"select {listed} from people.people").fetchone()
    if not row or not row[0]:
        return 0, {}
    return row[0], {name: count / row[0] for name, count in zip(filled, row[1:], strict=True)}


def _hold_dependents(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Hold what needs a held row to go first: a value to become free."""
    if not connection.execute(
        "select 1 from temp.planned where hold is not null and operation <> 'none' limit 1"
    ).fetchone():
        return
    for name in traits.unique_fields:
        taken = folded(f"changes -> '$.{name}' ->> 1")
        held = folded(f"held.fields ->> '$.{name}'")
        _set(
            connection,
            "value_waits",
            f"the {name} belongs to an account whose change is held",
            f"""
            operation in ('create', 'update', 'reactivate', 'adopt')
            and (changes -> '$.{name}' ->> 1) is not null
            and (account_key, {taken}) in (
                select (held.account_key, {held})
                from sync.ledger as held
                inner join temp.planned as giver
                    on held.person_id = giver.person_id and held.account_key = giver.account_key
                where held.vendor = '{vendor}' and giver.hold is not null
                and giver.operation <> 'none' and giver.person_id <> planned.person_id
            )
            """,
            releasable=False,
        )
