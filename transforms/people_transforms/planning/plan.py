"""The plan of a run: every row with its operation, reason, invitation, move and hash.

Same mart, ledger and vendor accounts give the same plan and the same plan hash, whatever the order
of the records was. The hash covers the changes, not the run, the clock or the holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial

import duckdb

from people_transforms.delivery import unsettled
from people_transforms.delivery.call import fetch
from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.vendor import Account, Vendor
from people_transforms.models import plan_models
from people_transforms.planning import (
    drift,
    inputs,
    linking,
    moves,
    rekeyed,
    reversal,
    same_platform,
)
from people_transforms.same_value import know_domains
from people_transforms.settings import Settings

# From the mart and the ledger to what each account needs.
_COMPARISON = (
    "unnamed", "spread", "wanted_places", "drafted", "unlisted", "absences", "absent", "drafts",
    "changing", "account_fields", "claims", "refused_claims", "decided", "compared",
)  # fmt: skip

# What only lists of accounts say, and later steps read.
_OF_LISTS = ("foreign_accounts", "doubted_places", "drift", "double_accounts")


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    vendor: Vendor,
    settings: Settings,
    *,
    run_id: str,
    as_of: dt.date,
    account_keys: Sequence[str],
) -> str:
    """Fill `temp.plan_changes` with what is to be done and return the plan hash.

    The vendor's lists are read only where an account would begin or end (somebody may have given it
    away there), where one must be there before another ends, or where an earlier run was cut off, and
    everywhere when the ledger is empty (a new connection or a lost store), when the platform has
    another address or when it is time to reconcile.
    """
    traits = vendor.traits
    is_first = _ledger_is_empty(connection, settings.vendor)
    has_moved = same_platform.has_moved(connection, settings)
    reads_all = is_first or has_moved or drift.is_due(connection, settings, as_of)
    doubtful = unsettled.unsettled_places(connection, settings.vendor)
    wanted = [key for key in account_keys if reads_all or key in doubtful]
    inputs.store(connection, traits, settings, run_id=run_id, as_of=as_of)
    inputs.store_accounts(connection, _read(vendor, wanted))
    know_domains(connection, traits)
    if has_moved:
        same_platform.refuse_another_platform(connection)
    same_platform.note(connection, settings, run_id)
    unsettled.take_over(connection, traits, settings.vendor, run_id)
    rekeyed.take_over(connection, settings.vendor, run_id)
    plan_models.build(connection, *_COMPARISON)
    asked = {
        *_places_of_begins_and_ends(connection),
        *moves.places_to_look_at(connection, settings.vendor),
    }
    more = sorted(asked - {*wanted} & {*account_keys})
    inputs.store_accounts(connection, _read(vendor, more))
    if more:
        know_domains(connection, traits)
    read = [*wanted, *more]
    if read or is_first:
        inputs.store_places(connection, read)
        is_changed = linking.link(connection, run_id, invites=traits.invites)
        plan_models.build(connection, "doubted_places", "listed_accounts", "drift")
        if drift.take_over(connection, settings.vendor, run_id) or is_changed:
            plan_models.build(connection, *_COMPARISON)
        plan_models.build(connection, "double_accounts")
    else:
        plan_models.leave_empty(connection, *_OF_LISTS)
    unsettled.note_looked_up(connection, run_id, read)
    drift.note_read(connection, run_id, is_whole=set(account_keys) <= set(read))
    plan_models.build(connection, "met_accounts", "met_verdicts", "adoptions", "with_adoptions")
    if is_first:
        plan_models.build(connection, "rebuilt", "unlisted_accounts")
    connection.execute("drop table temp.plan_vendor_accounts")
    reversal.find(connection)
    plan_models.build(connection, "resettled", "outside", "settled")
    if is_first:
        plan_models.build(connection, "silent", "forgotten")
        _keep_silent(connection)
    else:
        plan_models.leave_empty(connection, "forgotten")
    plan_models.build(connection, "invited", "moves", "changes", "met", "strangers")
    return _hash(connection)


def _read(vendor: Vendor, account_keys: Sequence[str]) -> Iterator[Account]:
    for key in account_keys:
        yield from fetch(partial(_list, vendor, key), vendor, Pace())


def _list(vendor: Vendor, account_key: str) -> list[Account]:
    return list(vendor.accounts(account_key))


def _ledger_is_empty(connection: duckdb.DuckDBPyConnection, vendor: str) -> bool:
    return not connection.execute(
        "select 1 from sync.ledger where vendor = ? limit 1", [vendor]
    ).fetchone()


def _places_of_begins_and_ends(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select distinct account_key from temp.plan_compared "
        "where operation in ('create', 'deactivate', 'reactivate') order by 1"
    ).fetchall()
    return [key for (key,) in rows]


def _keep_silent(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        insert into sync.invitations by name
        select getvariable('vendor') as vendor, person_id, account_key, spell_starts_on,
            'silent' as status,
        from temp.plan_silent where not is_known
        """
    )


def _hash(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(
        "select md5(coalesce(string_agg(row_hash, '' order by row_hash), '')) "
        "from temp.plan_changes"
    ).fetchone()
    return str(row[0]) if row else ""


def store_plan(connection: duckdb.DuckDBPyConnection, run_id: str, plan_hash: str) -> None:
    """Keep the plan with its holds; rows without an operation are kept for the latest run only."""
    connection.execute("delete from sync.plan where operation = 'none'")
    connection.execute(
        """
        insert into sync.plan by name
        select * exclude (desired_state, held_state, held_external_id, unbroken_since_on),
            $run_id as run_id, $plan_hash as plan_hash,
        from temp.plan_planned
        """,
        {"run_id": run_id, "plan_hash": plan_hash},
    )


def store_outcomes(connection: duckdb.DuckDBPyConnection, run_id: str, *, is_stopped: bool) -> None:
    """Write what became of the plan's rows beside them; a stopped run has not tried the rest."""
    connection.execute(
        """
        update sync.plan as kept set
            outcome = case
                when planned.hold is not null then 'held'
                else coalesce(done.outcome, if($is_stopped, 'not_tried', 'due'))
            end,
            refused_fields = done.refused_fields
        from temp.plan_planned as planned
        left join temp.plan_outcomes as done on planned.row_hash = done.row_hash
        where kept.run_id = $run_id and planned.operation <> 'none'
        and kept.row_hash = planned.row_hash
        """,
        {"run_id": run_id, "is_stopped": is_stopped},
    )
