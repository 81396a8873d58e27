"""The plan's changes to the vendor, in phases, and every result to the ledger.

Intent is committed before a group of calls, the results right after it: a kill repeats at most one
group, and what may have happened in it is looked up at the vendor before it is sent again.
Phases keep the order per person and free unique values before anybody takes them:

    end → release → update → create → end what was moved away from → invite
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import duckdb

from people_transforms.delivery import due, invitations, ledger
from people_transforms.delivery.call import (
    Change,
    Result,
    carry_out,
    fetch,
    is_invited,
    released,
)
from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.vendor import Account, Vendor
from people_transforms.delivery.waves import in_waves
from people_transforms.errors import ConfigError, ConflictError, RetryableError, StoreError
from people_transforms.settings import Settings

if TYPE_CHECKING:
    from people_transforms.lake.session import Lake

GROUP_SIZE = 500
# So many changes in a row without an answer: the vendor is down, the rest waits for the next run.
LOST_IN_A_ROW = 3


class Delivery:
    """One run's delivery. Use `run()` once; `counts` tells how many changes had which outcome."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        vendor: Vendor,
        settings: Settings,
        *,
        run_id: str,
        as_of: dt.date,
        lake: Lake | None = None,
    ) -> None:
        self.lake = lake
        self.connection = connection
        self.vendor = vendor
        self.settings = settings
        self.run_id = run_id
        self.as_of = as_of
        self.pace = Pace(settings.max_requests_per_minute)
        self.counts: Counter[str] = Counter()
        self.stopped_by: RetryableError | ConfigError | None = None
        self._lost_in_a_row = 0
        self._store_lost: StoreError | None = None
        self._left: dict[str, Change] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        """Deliver every row of `temp.planned` that is not held."""
        traits = self.vendor.traits
        invitations.note_due_invitations(self.connection, self.settings.vendor, self.run_id)
        self._left = due.accounts_left(self.connection, self.settings.vendor)
        moving = (
            "(person_id, account_key) in (select (person_id, from_key) from temp.plan_moves "
            "where is_given)"
        )
        self._phase(f"operation = 'deactivate' and not ({moving})")
        self._deliver(due.claimed_values(self.connection, traits, self.settings.vendor))
        for wave in in_waves(self._planned("operation in ('update', 'adopt')"), traits):
            self._deliver(wave)
        self._phase("operation in ('create', 'reactivate')")
        self._phase(
            f"operation = 'deactivate' and {moving} and person_id not in ("
            "select person_id from temp.planned where moves_from is not null "
            "and outcome is distinct from 'confirmed')"
        )
        if self.settings.invitations != "off" and traits.invites and self.stopped_by is None:
            self._invite()

    def _phase(self, condition: str) -> None:
        self._deliver(self._planned(condition))

    def _planned(self, condition: str) -> list[Change]:
        traits = self.vendor.traits
        return due.changes(self.connection, traits, f"hold is null and {condition}")

    def _invite(self) -> None:
        """Invite whom the vendor's own lists, read once per place, don't show as invited."""
        to_invite = due.due_invitations(self.connection, self.settings.vendor)
        known: dict[tuple[str, str | None], Account] = {}
        for key in sorted({change.account_key for change in to_invite if not change.is_fresh}):
            try:
                listed = fetch(partial(self._list, key), self.vendor, self.pace)
            except (RetryableError, ConfigError) as error:
                self.stopped_by = error
                return
            known |= {(key, account.account_id): account for account in listed}
        done: list[Change] = []
        waiting: list[Change] = []
        for change in to_invite:
            account = known.get((change.account_key, change.account_id))
            is_done = account is not None and is_invited(account, was_tried=change.was_tried)
            (done if is_done else waiting).append(change)
        self._settle([Result(change, "confirmed", change.account_id) for change in done])
        self._deliver(waiting[: self.settings.max_invitations_per_run])

    def _list(self, account_key: str) -> list[Account]:
        return list(self.vendor.accounts(account_key))

    def _deliver(self, changes: list[Change]) -> None:
        with ThreadPoolExecutor(self.settings.num_workers) as workers:
            for group in _groups(changes):
                if self.stopped_by is not None:
                    return
                ledger.intend(self.connection, self.settings.vendor, self.run_id, group)
                if self.lake is not None:
                    # With what became of the groups before: after a crash those are looked up too.
                    self.lake.push()
                self._settle(list(chain.from_iterable(workers.map(self._one, group))))
                if self._store_lost is not None:
                    raise self._store_lost

    def _settle(self, results: list[Result]) -> None:
        ledger.settle(self.connection, self.settings.vendor, self.run_id, self.as_of, results)
        self.counts.update(f"{result.change.operation} {result.status}" for result in results)

    def _one(self, change: Change) -> list[Result]:
        if self.stopped_by is not None or self._store_lost is not None:
            return []
        try:
            if self.lake is not None:
                # Whoever has lost the lock may not be the only one who sends.
                self.lake.locks.check()
            result = carry_out(change, self.vendor, self.pace)
            if change.moves_from is not None and isinstance(result.error, ConflictError):
                result = self._take_along(change, result)
        except ConfigError as error:
            self.stopped_by = error
            return []
        except StoreError as error:
            self._store_lost = error
            return []
        with self._lock:
            self._lost_in_a_row = self._lost_in_a_row + 1 if result.status == "ambiguous" else 0
            if self._lost_in_a_row >= LOST_IN_A_ROW and isinstance(result.error, RetryableError):
                self.stopped_by = result.error
        return self._keep_the_rest(change, result)

    def _keep_the_rest(self, change: Change, result: Result) -> list[Result]:
        """Send the other fields of an update of which one value belongs to somebody else (R-31)."""
        field = result.error.field if isinstance(result.error, ConflictError) else None
        if change.operation != "update" or field not in change.fields or len(change.fields) == 1:
            return [result]
        rest = {name: value for name, value in change.fields.items() if name != field}
        kept = carry_out(
            # Without the hash the row is compared again the next night.
            replace(change, fields=rest, payload_hash=None),
            self.vendor,
            self.pace,
        )
        taken = replace(change, fields={field: change.fields[field]}, row_hash="")
        return [kept, replace(result, change=taken)]

    def _take_along(self, change: Change, refused: Result) -> Result:
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
        old = self._left.get(change.person_id)
        if not fields or old is None:
            return refused
        given_up = released(old, dict.fromkeys(fields))
        if carry_out(given_up, self.vendor, self.pace).status != "confirmed":
            return refused
        result = carry_out(change, self.vendor, self.pace)
        if result.status == "rejected":
            put_back = replace(given_up, fields={name: change.fields[name] for name in fields})
            returned = carry_out(put_back, self.vendor, self.pace)
            if returned.status != "confirmed":
                # Not settled: the next run reads the old account before it plans.
                return replace(result, status="ambiguous")
        return result


def _groups(changes: list[Change]) -> Iterator[list[Change]]:
    """Cut into groups that are settled together: what a crash leaves to be looked up.

    Of a large delivery a group is a fiftieth, because settling looks through the whole ledger.
    """
    size = max(GROUP_SIZE, len(changes) // 50)
    for start in range(0, len(changes), size):
        yield changes[start : start + size]
