"""One change in the hands of one worker: what it takes along or leaves out, and what stops the run."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

from people_transforms.delivery import mending
from people_transforms.delivery.call import Change, Refusal, Result, carry_out, released
from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.vendor import Account, Vendor
from people_transforms.errors import (
    AmbiguousError,
    ConfigError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
    StoreError,
)
from people_transforms.store.warehouse import Store

# So many changes in a row without an answer: the vendor is down, the rest waits for the next run.
LOST_IN_A_ROW = 3


class Worker:
    """Makes the calls of changes; its methods are called from several threads at once.

    `stopped_by` says why nothing more is sent, `store_lost` that nothing may be written either. `left`
    has, per person who moves, the account that is left. `taken` has per place the ids of accounts that
    are somebody's. Where accounts carry no id of ours, `seen` has those that are to be taken over.
    """

    def __init__(self, vendor: Vendor, pace: Pace, store: Store) -> None:
        self.vendor = vendor
        self.pace = pace
        self.store = store
        self.stopped_by: RetryableError | ConfigError | None = None
        self.store_lost: StoreError | None = None
        self.left: dict[str, Change] = {}
        self.taken: dict[str, set[str]] = {}
        self.seen: dict[tuple[str, str | None], Account] = {}
        self._made: dict[str, Account] = {}
        self._lost_in_a_row = 0
        self._lock = threading.Lock()

    def one(self, change: Change) -> list[Result]:
        """Carry out a change; a refusal that only the vendor's list explains is given back as it is."""
        result = self._carried_out(change)
        if result is None:
            return []
        before: list[Result] = []
        if change.moves_from is not None and isinstance(result.error, ConflictError):
            *before, result = self._take_along(change, result)
        last = [result] if mending.needs_a_look(result) else self.go_on(result)
        return [*before, *last]

    def again(self, change: Change) -> list[Result]:
        """Carry out what a look at the vendor's list led to: what is refused now is refused."""
        result = self._carried_out(change)
        if result is None:
            return []
        if isinstance(result.error, GoneError):
            # It is in the vendor's list, so it is not gone.
            error = RejectedError(result.error.sentence, cause=result.error.cause)
            return [replace(result, error=error)]
        return self.go_on(result)

    def _carried_out(self, change: Change) -> Result | None:
        """Make the calls of one change; None where the run was stopped before."""
        if self.stopped_by is not None or self.store_lost is not None:
            return None
        try:
            # Whoever has lost the lock may not be the only one who sends.
            self.store.check_hold()
        except StoreError as error:
            self.store_lost = error
            return None
        shown = self.seen.get((change.account_key, change.account_id))
        shown = shown if change.operation == "adopt" else None
        result = self._call(change, shown)
        if result.status != "confirmed" and result.shown is shown:
            # Only seen before, and not touched: it is not the person's yet.
            result = replace(result, shown=None)
        if isinstance(result.error, ConfigError):
            self.stopped_by = result.error
        with self._lock:
            self._lost_in_a_row = self._lost_in_a_row + 1 if result.status == "ambiguous" else 0
            if self._lost_in_a_row >= LOST_IN_A_ROW and isinstance(result.error, RetryableError):
                self.stopped_by = result.error
        return result

    def _call(self, change: Change, shown: Account | None = None) -> Result:
        """Make the calls of a change; an account that was just made for somebody is nobody else's."""
        key = change.account_key
        taken = self.taken.setdefault(key, set())
        result = carry_out(
            change,
            self.vendor,
            self.pace,
            shown=shown,
            taken=taken,
            made=partial(self._made.get, key),
        )
        if result.status != "confirmed" or change.operation != "create":
            return result
        with self._lock:
            if result.account_id is None or result.account_id in taken:
                error = AmbiguousError("The platform gave two people the same account.")
                return replace(result, status="ambiguous", account_id=None, error=error, shown=None)
            taken.add(result.account_id)
            if result.shown is not None:
                self._made[key] = result.shown
        return result

    def go_on(self, result: Result) -> list[Result]:
        """Send a refused change without the values that were refused, as far as it can do without."""
        refused: list[Refusal] = []
        while names := mending.left_out(result, self.vendor.traits):
            assert isinstance(result.error, RejectedError)
            change = result.change
            refused += [Refusal(name, change.fields[name], result.error) for name in names]
            kept = {name: value for name, value in change.fields.items() if name not in names}
            rest = replace(change, fields=kept)
            result = self._call(rest, result.shown)
        if isinstance(result.error, ConfigError):
            self.stopped_by = result.error
        if result.status != "confirmed" or not refused:
            return [result]
        return [replace(result, refused=(*result.refused, *refused))]

    def _take_along(self, change: Change, refused: Result) -> list[Result]:
        """Move a chip that the vendor wants free first: release, create, else put it back."""
        error = refused.error
        field = error.field if isinstance(error, ConflictError) else None
        fields = [
            name
            for name in self.vendor.traits.unique_fields
            if name not in self.vendor.traits.required_fields
            and change.fields.get(name) is not None
            and field in (None, name)
        ]
        old = self.left.get(change.person_id)
        if not fields or old is None:
            return [refused]
        given_up = self._call(released(old, dict.fromkeys(fields)))
        if given_up.status != "confirmed":
            return [refused]
        result = self._call(change)
        if result.status != "rejected":
            return [given_up, result]
        put_back = replace(given_up.change, fields={name: change.fields[name] for name in fields})
        if self._call(put_back).status != "confirmed":
            # Not settled: the next run reads the old account before it plans.
            return [given_up, replace(result, status="ambiguous")]
        return [result]
