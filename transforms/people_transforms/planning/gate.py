"""The gate: what of the plan may be sent tonight, and what waits for a person.

Held kinds don't hold the others. Holds for a bad read can't be released by an approval; the next
good read releases them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import duckdb

from people_transforms.delivery.refusals import let_go
from people_transforms.delivery.vendor import Traits
from people_transforms.models import plan_models
from people_transforms.planning import (
    approvals,
    brakes,
    calendar,
    fill_rates,
    held,
    moved_settings,
)
from people_transforms.planning.holds import RELEASABLE, WAITS_FOR_A_READ, Gated, Hold
from people_transforms.planning.unread import unread_facts
from people_transforms.settings import FleetBrake, Settings

if TYPE_CHECKING:
    from people_transforms.store.lake.connections import Strike

_NOT_APPROVED = "this connection has not been approved yet"
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
    """Fill `temp.plan_planned`, the plan with its holds; say what is held, most first.

    `plan_hash` covers all changes; where some wait for an approval, the value to approve takes its place.
    """
    held.know_kinds(connection)
    plan_models.build(connection, "own_approvals")
    mark = approvals.mark_of(connection, settings)
    approvals.meet_configured(connection, settings, mark, now)
    approvals.mark_approved(connection, now)
    let_go(connection, traits, settings.vendor)
    held.begin(connection)
    plan_models.build(connection, "asked", "unread_lists", "unread", "refused_again", "several")
    held.note(connection, "firm_holds", "identity_holds")
    plan_models.build(connection, "open_lookalikes")
    held.note(connection, "lookalike_holds", "doubted_holds")
    if not settings.import_employees:
        held.note_all(connection, "import_off", "`import_employees` is off")
    value = approvals.value_of(connection, mark)
    if value == settings.approved_plan:
        approvals.accept_tonights(connection, value, now)
    is_active = approvals.is_active(connection)
    if not is_active:
        held.note_all(connection, "activation", _NOT_APPROVED)
    # A clock that runs ahead or back, or an `as_of` that was left standing, is no business day.
    if jump := calendar.jump(connection, as_of):
        held.note_all(connection, "calendar", jump)
    held.note(connection, "scope_holds", "vanished_holds", "listed_twice")
    _hold_low_fill_rates(connection, settings, traits, as_of)
    moved_settings.hold(connection, settings)
    brakes.hold(connection, settings, traits)
    if settings.fleet_brake is not None:
        hold_with_the_fleet(connection, strikes, settings.fleet_brake, now)
    value = approvals.value_of(connection, mark, only_held=True)
    if value == settings.approved_plan and is_active:
        approvals.accept_tonights(connection, value, now, only_held=True)
    held.note(connection, "value_waits", "move_waits")
    plan_models.build(connection, "gated", "planned")
    found = held.found(connection)
    kinds = {one.kind for one in found}
    if is_active or not settings.import_employees or kinds & (RELEASABLE | WAITS_FOR_A_READ):
        return Gated(tuple(found), value if kinds & RELEASABLE else plan_hash)
    if unread_facts(connection):
        return Gated(tuple(found), plan_hash)
    # Nothing has to be sent, and nothing may be until a person has seen that it is so.
    return Gated((*found, Hold("activation", 0, _NOT_APPROVED)), value)


def hold_with_the_fleet(
    connection: duckdb.DuckDBPyConnection, strikes: Strikes, brake: FleetBrake, now: dt.datetime
) -> None:
    """Hold what is left when one cause has struck too many other connections of the lake tonight.

    Any cause counts, also for a run that sees nothing wrong: a vendor or a release that harms one in
    ten is no ordinary night for the others. Being held by this brake is no cause itself.
    """
    if not connection.execute("select 1 from temp.plan_free limit 1").fetchone():
        return
    for strike in strikes(now - dt.timedelta(hours=brake.hours)):
        if strike.struck >= brake.limit(strike.ran):
            label = strike.cause.replace("_", " ")
            reason = (
                f"{label} struck {strike.struck} of the {strike.ran} other connections that ran "
                f"tonight (held from {max(1, -(-brake.limit(strike.ran) // 1)):.0f})"
            )
            held.note_all(connection, "fleet", reason)
            return


def _hold_low_fill_rates(
    connection: duckdb.DuckDBPyConnection, settings: Settings, traits: Traits, as_of: dt.date
) -> None:
    """Hold everything, or all of an employer, when a column is suddenly empty or one value for all."""
    brake = settings.brakes.fill_rate
    if brake is None:
        return
    for employer_id, reason in fill_rates.hold_reasons(connection, traits, brake, as_of):
        held.note_all(connection, "fill_rate", reason, employer_id)
