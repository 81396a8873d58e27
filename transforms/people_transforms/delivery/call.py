"""One change as vendor calls: retries with jitter, and a look before anything is repeated.

A change may take two calls (an account is activated, then brought up to date). What the vendor showed
last goes into the result, whatever became of the rest: the ledger follows it, not what was meant.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from people_transforms.delivery import whose
from people_transforms.delivery.ratelimit import LONGEST_PAUSE_SECONDS, Pace
from people_transforms.delivery.vendor import Account, Vendor
from people_transforms.errors import (
    AmbiguousError,
    ConfigError,
    RejectedError,
    RetryableError,
    SyncError,
)
from people_transforms.retries import Attempt, retry_context
from people_transforms.same_value import fold

ATTEMPTS = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """A plan row that is to be delivered. `fields` are values to send, in the mart's types.

    `held_fields` is what the ledger has of the account, as the text of a JSON object.
    """

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
    unbroken_since_on: dt.date | None = None
    payload_hash: str | None = None
    employer_id: str | None = None
    ends_on: dt.date | None = None
    leaving_kind: str | None = None
    held_fields: str | None = None
    # What HR says nothing of: an account that is taken over keeps what it has there.
    unsaid: tuple[str, ...] = ()
    # The vendor knows the account by the id of a former record of the same person.
    is_rekeyed: bool = False
    # An earlier run may have sent it already.
    was_tried: bool = False
    # The account was made in this very run: nobody else can have done this before us.
    is_fresh: bool = False
    delivery_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def again(self, **changed: Any) -> Change:
        """Make a change of its own from this one: with an intent and a result of its own."""
        return replace(self, delivery_id=uuid.uuid4().hex, **changed)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that was left out of a change because the vendor refused it."""

    field: str
    value: Any
    error: RejectedError


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a change.

    `status` is `confirmed`, `rejected`, `ambiguous` (not settled tonight), `not_tried` (a stopped run
    didn't reach it) or `looked_up` (nothing was done: the vendor shows what the next plan must know).
    `shown` is the account as the vendor showed it last, `refused` what was left out of the change
    because the vendor refused it. `may_have_happened` tells an answer that was lost from a call that
    never arrived.
    """

    change: Change
    status: str
    account_id: str | None = None
    error: SyncError | None = None
    shown: Account | None = None
    refused: tuple[Refusal, ...] = ()
    may_have_happened: bool = False


@dataclass(slots=True)
class _Reached:
    """How far the calls of one change have come."""

    account: Account | None = None
    may_have_happened: bool = False


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


def _nobody() -> None:
    return None


def carry_out(
    change: Change,
    vendor: Vendor,
    pace: Pace,
    *,
    shown: Account | None = None,
    taken: Collection[str] = (),
    made: Callable[[], Account | None] = _nobody,
) -> Result:
    """Deliver one change; every outcome is a result, also one that must stop the run.

    `shown` is how far an earlier part of the same change came; `taken` are ids of accounts that are
    somebody's already; `made` gives the account that was made last at this place. A ConfigError in the
    result: credentials or rights are wrong, so nothing else can work either. An answer about another
    account says nothing of this one, and is not asked for twice: the next run looks at the list.
    """
    reached = _Reached(shown)
    error: SyncError | None = None
    try:
        _with_retries(change, vendor, pace, reached, taken, made)
        status = "confirmed"
    except RejectedError as refused:
        status, error = "rejected", refused
    except RetryableError as unanswered:
        status, error = "ambiguous", unanswered
    except ConfigError as stopped:
        is_untouched = reached.account is None and not reached.may_have_happened
        status, error = "not_tried" if is_untouched else "ambiguous", stopped
    if reached.account is not None and _is_anothers(reached.account, change, taken):
        reached.account, status = None, "ambiguous"
        error = AmbiguousError("The platform answered with another account than the one asked for.")
    result = Result(
        change,
        status,
        reached.account.account_id if reached.account else change.account_id,
        error,
        reached.account,
        may_have_happened=reached.may_have_happened,
    )
    return _without_untaken(result) if status == "confirmed" else result


def _is_anothers(shown: Account, change: Change, taken: Collection[str]) -> bool:
    """Tell whether an answer shows an account that is not the one of the change."""
    if change.account_id is not None:
        return shown.account_id != change.account_id
    told, own = shown.external_id or change.external_id, change.external_id
    return shown.account_id in taken or (told != own and fold(told) != fold(own))


def _without_untaken(result: Result) -> Result:
    """Count a value as refused where the answer to it shows the one from before."""
    change = result.change
    shown = result.shown.fields if result.shown else {}

    def is_untaken(name: str) -> bool:
        texts = [str(values.get(name) or "") for values in (shown, change.before, change.fields)]
        answer, before, wanted = texts
        return answer != "" and answer == before and fold(answer) != fold(wanted)

    untaken = [name for name in change.before if name in change.fields and is_untaken(name)]
    if not untaken:
        return result
    if change.operation in ("update", "release") and len(untaken) == len(change.fields):
        return replace(result, status="rejected", error=_untaken(*untaken))
    rest = {name: value for name, value in change.fields.items() if name not in untaken}
    refused = tuple(Refusal(name, change.fields[name], _untaken(name)) for name in untaken)
    return replace(result, change=replace(change, fields=rest), refused=refused)


def _untaken(*names: str) -> RejectedError:
    sentence = "The platform confirmed a value and still shows the old one."
    field = names[0] if len(names) == 1 else None
    return RejectedError(sentence, cause=f"kept {' '.join(names)}", field=field)


def _with_retries(
    change: Change,
    vendor: Vendor,
    pace: Pace,
    reached: _Reached,
    taken: Collection[str],
    made: Callable[[], Account | None],
) -> None:
    try:
        return _attempt(change, vendor, pace, reached)
    except RetryableError as error:
        failure: RetryableError | None = error
    # The machinery of retries costs as much as the rest of a call, so most calls never enter it;
    # it is handed the failure of the first attempt, which counts.
    for attempt in _attempts():
        with attempt:
            if failure is not None:
                first, failure = failure, None
                raise first
            if reached.may_have_happened:
                if _has_happened(change, vendor, pace, reached, taken):
                    return None
                if change.operation == "create" and _lags(vendor, pace, made()):
                    raise AmbiguousError(
                        "The platform does not show yet what was made a moment ago, so the account "
                        "whose answer was lost may be there too."
                    )
            return _attempt(change, vendor, pace, reached)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _attempt(change: Change, vendor: Vendor, pace: Pace, reached: _Reached) -> None:
    pace.wait()
    try:
        _send(change, vendor, reached)
    except RetryableError as error:
        reached.may_have_happened |= isinstance(error, AmbiguousError)
        _heed(error, pace)
        raise
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


def _has_happened(
    change: Change, vendor: Vendor, pace: Pace, reached: _Reached, taken: Collection[str]
) -> bool:
    """Look up whether a change whose answer was lost did happen."""
    if change.operation not in ("create", "deactivate", "invite"):
        return False  # To send the same values again does no harm.
    pace.wait()
    found = whose.find(change, vendor, taken)
    if change.operation == "invite":
        # Where nobody can tell it may have gone out, and a mail can't be unsent.
        reached.account = found
        return found is None or is_invited(found, was_tried=True)
    # A newcomer's account is active: one that has ended is not the one that was to be made.
    if found is None or found.is_active != (change.operation == "create"):
        return False
    reached.account = found
    return True


def _lags(vendor: Vendor, pace: Pace, made: Account | None) -> bool:
    """Tell whether a list evidently lags behind: who is not in it may have been made all the same."""
    if made is None:
        return False
    pace.wait()
    if vendor.traits.has_external_ids and made.external_id:
        found = vendor.find(made.account_key, made.external_id, made.fields)
        return found is None or found.account_id != made.account_id
    return all(one.account_id != made.account_id for one in vendor.accounts(made.account_key))


def is_invited(account: Account, *, was_tried: bool) -> bool:
    """Tell whether an invitation went out, by us or by somebody else.

    Where the vendor can't tell, one that was tried counts as sent: a mail can't be unsent.
    """
    if account.invitation_state is None:
        return was_tried
    return account.invitation_state in ("sent", "accepted")


def _send(change: Change, vendor: Vendor, reached: _Reached) -> None:
    """Make the calls of a change that are still to be made, and keep what each answer shows."""
    key = change.account_key
    if change.operation == "create":
        reached.account = vendor.create(key, change.external_id, change.fields)
        return
    assert change.account_id is not None, "only a create has no account yet"
    if change.operation == "invite":
        vendor.invite(key, change.account_id)
    elif change.operation == "deactivate":
        reached.account = vendor.deactivate(key, change.account_id, change.fields)
        if reached.account.is_active:
            raise RejectedError("The account is still active.", cause="still active")
    else:
        _bring_up_to_date(change, vendor, reached, change.account_id)


def _bring_up_to_date(change: Change, vendor: Vendor, reached: _Reached, account_id: str) -> None:
    key = change.account_key
    tells_id = (change.operation == "adopt" or change.is_rekeyed) and change.operation != "release"
    revives = change.operation == "reactivate" or (
        change.operation == "adopt" and change.held_state == "inactive"
    )
    if revives and not (reached.account and reached.account.is_active):
        in_one_call = vendor.traits.activates_with_fields and not tells_id
        reached.account = vendor.activate(key, account_id, change.fields if in_one_call else {})
        if not reached.account.is_active:
            raise RejectedError("The account is still ended.", cause="still ended")
        if in_one_call:
            return
    external_id = change.external_id if tells_id and vendor.traits.has_external_ids else None
    if change.fields or external_id:
        reached.account = vendor.update(key, account_id, change.fields, external_id)


def released(change: Change, fields: dict[str, Any]) -> Change:
    """Make the change that empties values of an account, so that another may take them."""
    return change.again(operation="release", fields=fields)
