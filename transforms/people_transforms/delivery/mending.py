"""What the vendor shows after it refused a change because an account is there, or is not.

Between the plan and the call somebody made an account by hand, or deleted one; or an answer was lost on
its way. The place is read once more and the same night goes on with what is there (R-31; Lunchdrive's
contract, 5.2). Nothing is taken that is somebody else's, or that two accounts may be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from people_transforms.delivery import due, whose
from people_transforms.delivery.call import Change, Result
from people_transforms.delivery.vendor import Account, Traits
from people_transforms.errors import ConflictError, GoneError, RejectedError


def needs_a_look(result: Result) -> bool:
    """Tell whether only the vendor's list can say what a refusal means."""
    if result.status != "rejected":
        return False
    if isinstance(result.error, GoneError):
        return True
    return isinstance(result.error, ConflictError) and result.change.operation == "create"


def taken_ids(connection: duckdb.DuckDBPyConnection, vendor: str, key: str) -> set[str]:
    """List the ids of the accounts of a place that are somebody's already."""
    rows = connection.execute(
        "select account_id from sync.ledger where vendor = ? and account_key = ? "
        "and account_id is not null",
        [vendor, key],
    ).fetchall()
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of one place: its accounts now, and which of them are somebody's already."""

    accounts: Sequence[Account]
    taken: Collection[str]


def decide(
    result: Result,
    sight: Sight,
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    *,
    may_create: bool,
) -> Result | Change:
    """Say how the night goes on after a refusal: with another change, or with a result that stands."""
    change = result.change
    if isinstance(result.error, GoneError):
        return _after_gone(result, sight, connection, traits, may_create=may_create)
    own = whose.theirs(sight.accounts, change, traits)
    if own is not None and own.account_id not in sight.taken:
        return _already_there(result, own, traits)
    is_claimed = traits.has_external_ids and any(
        one.external_id == change.external_id for one in sight.accounts
    )
    free = None if is_claimed else whose.unclaimed(sight.accounts, change, traits, sight.taken)
    if free is None:
        return result
    return _adopted(change, free, traits) or Result(change, "looked_up")


def _after_gone(
    result: Result,
    sight: Sight,
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    *,
    may_create: bool,
) -> Result | Change:
    change = result.change
    known = next((one for one in sight.accounts if one.account_id == change.account_id), None)
    # What is taken over changes only what differs, which tells nobody.
    made = due.anew(connection, traits, change)
    is_nobodys = known and not known.external_id and whose.is_theirs(known, made or change, traits)
    found = known if is_nobodys else None
    found = found or whose.theirs(sight.accounts, change, traits)
    if found is None and not traits.has_external_ids:
        found = whose.unclaimed(
            sight.accounts, change, traits, set(sight.taken) - {change.account_id}
        )
    if found is not None:
        if change.operation == "deactivate" and not found.is_active:
            return Result(change, "confirmed", found.account_id, shown=found)
        return change.again(account_id=found.account_id)
    if change.operation == "deactivate":
        return Result(change, "confirmed", change.account_id)  # What we wanted is so.
    if made is None or not may_create or change.operation == "release":
        return result
    return made


def _already_there(result: Result, own: Account, traits: Traits) -> Result | Change:
    """An account with our id and one more thing of the person: an answer was lost, or it had ended."""
    change = result.change
    if not own.is_active:
        if not _is_rehire(change, own):
            # Somebody ended it, and no newer employment brings it back: left so, and told tomorrow.
            return Result(change, "looked_up", own.account_id, shown=own)
        return change.again(
            operation="reactivate",
            account_id=own.account_id,
            held_state="inactive",
            fields=_differing(change.fields, own.fields) | _last_day(change, own, traits),
        )
    differing = _differing(change.fields, own.fields)
    kept = {name: value for name, value in change.fields.items() if name not in differing}
    hash_of_all = None if differing else change.payload_hash
    settled = replace(change, fields=kept, payload_hash=hash_of_all)
    return Result(settled, "confirmed", own.account_id, shown=own)


def _adopted(change: Change, free: Account, traits: Traits) -> Change | None:
    if not free.is_active and not _is_rehire(change, free):
        return None
    fields = {
        name: value
        for name, value in _differing(change.fields, free.fields).items()
        if name not in traits.create_only
    }
    if not free.is_active:
        fields |= _last_day(change, free, traits)
    return change.again(
        operation="adopt",
        account_id=free.account_id,
        held_state="active" if free.is_active else "inactive",
        fields=fields,
    )


def _last_day(change: Change, ended: Account, traits: Traits) -> dict[str, object]:
    """Take the last day back from an account that comes back, or it is over at once."""
    name = traits.last_day_field
    if name is None or ended.fields.get(name) is None or change.fields.get(name) is not None:
        return {}
    return {name: None}


def _is_rehire(change: Change, account: Account) -> bool:
    """Tell whether the employment began after the account had ended (R-17)."""
    try:
        ended_on = dt.date.fromisoformat((account.ended_on or "")[:10])
    except ValueError:
        return False
    return change.unbroken_since_on is not None and change.unbroken_since_on > ended_on


def _differing(wanted: Mapping[str, object], shown: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and not whose.is_same(shown.get(name), value)
    }


def left_out(result: Result, traits: Traits) -> list[str]:
    """Name the refused values without which the change can be made all the same.

    An account can't be made without a required value; one that exists keeps the value that it has.
    """
    error, change = result.error, result.change
    if result.status != "rejected" or not isinstance(error, RejectedError):
        return []
    if isinstance(error, GoneError):
        return []
    given = [name for name, value in change.fields.items() if value is not None]
    if change.operation == "deactivate":
        given = list(change.fields)
    if error.field is not None:
        names = [error.field]
    else:
        names = list(traits.unique_fields) if isinstance(error, ConflictError) else []
    dispensable = [
        name
        for name in names
        if name in given and not (change.operation == "create" and name in traits.required_fields)
    ]
    is_all_of_it = change.operation in ("update", "release") and len(dispensable) == len(
        change.fields
    )
    return [] if is_all_of_it else dispensable
