"""One change as vendor calls: retries with jitter, and a look before anything is repeated."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.vendor import Account, Traits, Vendor
from people_transforms.errors import (
    AmbiguousError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
    SyncError,
)
from people_transforms.retries import Attempt, retry_context
from people_transforms.same_value import fold

ATTEMPTS = 5
LONGEST_PAUSE_SECONDS = 60.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """A plan row that is to be delivered. `fields` are values to send, in the mart's types."""

    row_hash: str
    person_id: str
    account_key: str
    operation: str
    external_id: str
    account_id: str | None
    fields: dict[str, Any]
    before: dict[str, Any]
    held_state: str | None = None
    moves_from: str | None = None
    spell_starts_on: dt.date | None = None
    payload_hash: str | None = None
    employer_id: str | None = None
    ends_on: dt.date | None = None
    leaving_kind: str | None = None
    # The vendor knows the account by the id of a former record of the same person.
    is_rekeyed: bool = False
    # An earlier run may have sent it already.
    was_tried: bool = False
    # The account was made in this very run: nobody else can have done this before us.
    is_fresh: bool = False
    delivery_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a change: `confirmed`, `rejected`, or `ambiguous` (not settled tonight)."""

    change: Change
    status: str
    account_id: str | None = None
    error: SyncError | None = None


def fetch(call: Callable[[], T], vendor: Vendor, pace: Pace) -> T:
    """Make a call that only reads, repeated as patiently as one that writes.

    Raises the last RetryableError when the vendor stays silent.
    """
    for attempt in _attempts():
        with attempt:
            pace.wait()
            try:
                return call()
            except RetryableError as error:
                _heed(error, pace)
                raise
            finally:
                pace.observe(vendor.rate_limit())
    raise AssertionError("unreachable: the last attempt returns or raises")


def carry_out(change: Change, vendor: Vendor, pace: Pace) -> Result:
    """Deliver one change; every outcome but a stop of the run is a result.

    Raises ConfigError: credentials or rights are wrong, so nothing else can work either.
    """
    try:
        account = _with_retries(lambda: _apply(change, vendor), change, vendor, pace)
    except RejectedError as error:
        return Result(change, "rejected", change.account_id, error)
    except RetryableError as error:
        return Result(change, "ambiguous", change.account_id, error)
    return Result(change, "confirmed", account.account_id if account else change.account_id)


def _with_retries(
    call: Callable[[], Account | None], change: Change, vendor: Vendor, pace: Pace
) -> Account | None:
    try:
        return _attempt(call, change, vendor, pace)
    except RetryableError as error:
        failure: RetryableError | None = error
    # The machinery of retries costs as much as the rest of a call, so most calls never enter it;
    # it is handed the failure of the first attempt, which counts.
    lost_answer = isinstance(failure, AmbiguousError)
    for attempt in _attempts():
        with attempt:
            if failure is not None:
                first, failure = failure, None
                raise first
            if lost_answer:
                found = _look_up(change, vendor, pace)
                if found is not None:
                    return found
            try:
                return _attempt(call, change, vendor, pace)
            except AmbiguousError:
                lost_answer = True
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def _attempt(
    call: Callable[[], Account | None], change: Change, vendor: Vendor, pace: Pace
) -> Account | None:
    pace.wait()
    try:
        return call()
    except RetryableError as error:
        _heed(error, pace)
        raise
    except ConflictError:
        # Our own create whose answer was lost looks like somebody else's account.
        found = _look_up(change, vendor, pace) if change.operation == "create" else None
        if found is None:
            raise
        return found
    finally:
        pace.observe(vendor.rate_limit())


def _attempts() -> Iterable[Attempt]:
    return retry_context(
        on=_pause_for, attempts=ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=20
    )


def _heed(error: RetryableError, pace: Pace) -> None:
    if error.retry_after:
        pace.pause(min(error.retry_after, LONGEST_PAUSE_SECONDS))


def _pause_for(error: Exception) -> bool | float:
    """Tell stamina whether to repeat, and after how many seconds if the vendor named them."""
    if not isinstance(error, RetryableError):
        return False
    if error.retry_after is None:
        return True
    return min(error.retry_after, LONGEST_PAUSE_SECONDS)


def _look_up(change: Change, vendor: Vendor, pace: Pace) -> Account | None:
    """Find out whether a change whose answer was lost did happen."""
    pace.wait()
    found = vendor.find(change.account_key, change.external_id, change.fields)
    if found is None or found.external_id != change.external_id:
        return None
    if change.operation == "create":
        return found if _is_theirs(found, change, vendor.traits) else None
    if change.operation == "invite":
        return found if is_invited(found, was_tried=True) else None
    if change.operation == "deactivate":
        return found if not found.is_active else None
    return None


def _is_theirs(account: Account, change: Change, traits: Traits) -> bool:
    """Tell whether an account with our external id has one more thing of the person we sent."""

    def same(name: str) -> bool:
        sent, found = change.fields.get(name), account.fields.get(name)
        return None not in (sent, found) and fold(str(sent)) == fold(str(found))

    return any(all(same(name) for name in group) for group in traits.telling_fields)


def is_invited(account: Account, *, was_tried: bool) -> bool:
    """Tell whether an invitation went out, by us or by somebody else.

    Where the vendor can't tell, one that was tried counts as sent: a mail can't be unsent.
    """
    if account.invitation_state is None:
        return was_tried
    return account.invitation_state in ("sent", "accepted")


def _apply(change: Change, vendor: Vendor) -> Account | None:
    if change.operation == "create":
        return vendor.create(change.account_key, change.external_id, change.fields)
    assert change.account_id is not None, "only a create has no account yet"
    try:
        return _send(change, vendor, change.account_id)
    except GoneError as error:
        # The account may have got another id; our own id finds it, and never a stranger's.
        found = vendor.find(change.account_key, change.external_id, {})
        if found is None or found.external_id != change.external_id:
            if change.operation == "deactivate":
                return None  # Somebody deleted it: what we wanted is so.
            raise
        refused = RejectedError(error.sentence, cause=error.cause)
    try:
        return _send(change, vendor, found.account_id)
    except GoneError:
        # It is in the vendor's list, so it is not gone.
        raise refused from None


def _send(change: Change, vendor: Vendor, account_id: str) -> Account | None:
    key = change.account_key
    match change.operation:
        case "adopt" | "update" | "reactivate" if change.operation == "adopt" or change.is_rekeyed:
            if change.held_state == "inactive":
                vendor.activate(key, account_id, {})
            return vendor.update(key, account_id, change.fields, external_id=change.external_id)
        case "update" | "release":
            return vendor.update(key, account_id, change.fields)
        case "reactivate":
            return vendor.activate(key, account_id, change.fields)
        case "deactivate":
            return vendor.deactivate(key, account_id, change.fields)
        case "invite":
            vendor.invite(key, account_id)
            return None
    raise AssertionError(f"unknown operation {change.operation}")


def released(change: Change, fields: dict[str, Any]) -> Change:
    """Make the change that empties values of an account, so that another may take them."""
    return replace(change, operation="release", fields=fields, delivery_id=uuid.uuid4().hex)
