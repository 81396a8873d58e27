"""The plan's changes to the vendor, in phases, and every result to the ledger.

Intent is committed before a group of calls, the results right after it: a kill repeats at most one
group, and what may have happened in it is looked up at the vendor before it is sent again.
Phases keep the order per person and free unique values before anybody takes them:

    end → release → update → create → end what was moved away from → invite
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from people_transforms.delivery import due, invitations, ledger, mending
from people_transforms.delivery.call import Change, Result, fetch, is_invited
from people_transforms.delivery.heartbeat import Heartbeat
from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.side_by_side import side_by_side
from people_transforms.delivery.vendor import Account, Vendor
from people_transforms.delivery.waves import in_waves
from people_transforms.delivery.worker import Worker
from people_transforms.errors import ConfigError, RetryableError
from people_transforms.settings import Settings
from people_transforms.store.warehouse import Store

GROUP_SIZE = 500


class Delivery:
    """One run's delivery. Use `run()` once; `counts` tells how many changes had which outcome."""

    def __init__(
        self,
        store: Store,
        vendor: Vendor,
        settings: Settings,
        *,
        run_id: str,
        as_of: dt.date,
    ) -> None:
        self.store = store
        self.connection = store.connection
        self.vendor = vendor
        self.settings = settings
        self.run_id = run_id
        self.as_of = as_of
        self.counts: Counter[str] = Counter()
        self._heartbeat = Heartbeat(0)
        self._worker = Worker(vendor, Pace(settings.max_requests_per_minute), store)
        self._made: set[tuple[str, str]] = set()
        self._made_anew: Counter[str] = Counter()

    @property
    def stopped_by(self) -> RetryableError | ConfigError | None:
        """Why nothing more was sent; None where everything was tried."""
        return self._worker.stopped_by

    def run(self) -> None:
        """Deliver every row of `temp.plan_planned` that is not held.

        What becomes of each is in `temp.plan_outcomes`.
        """
        traits, vendor = self.vendor.traits, self.settings.vendor
        self.connection.execute(
            "create or replace temp table plan_outcomes "
            "(row_hash varchar, outcome varchar, refused_fields varchar[])"
        )
        invitations.note_due_invitations(self.connection, vendor, self.run_id)
        self._worker.left = due.accounts_left(self.connection, vendor)
        self._heartbeat = Heartbeat(due.count_planned(self.connection))
        moving = (
            "(person_id, account_key) in (select (person_id, from_key) from temp.plan_moves "
            "where is_given)"
        )
        self._phase(f"operation = 'deactivate' and not ({moving})")
        self._deliver(due.claimed_values(self.connection, traits, vendor))
        changes = self._planned("operation in ('update', 'adopt')")
        self._see_nameless(changes)
        for wave in in_waves(changes, traits):
            self._deliver(wave)
        self._phase("operation in ('create', 'reactivate')")
        # What is left ends when all that the person moves to is known to be active.
        self._phase(
            f"operation = 'deactivate' and {moving} and person_id not in ("
            "select person_id from temp.plan_planned as target where moves_from is not null "
            "and not exists (select 1 from sync.ledger as held where held.state = 'active' "
            "and held.person_id = target.person_id and held.account_key = target.account_key))"
        )
        is_asked = self.settings.invitations != "off" and self.settings.import_employees
        if is_asked and traits.invites and self.stopped_by is None:
            self._invite()

    def _phase(self, condition: str) -> None:
        self._deliver(self._planned(condition))

    def _planned(self, condition: str) -> list[Change]:
        traits = self.vendor.traits
        return due.changes(
            self.connection, traits, self.settings.vendor, f"hold is null and {condition}"
        )

    def _see_nameless(self, changes: Sequence[Change]) -> None:
        """Read the accounts that are taken over without an id of ours: nothing may be left to send."""
        if self.vendor.traits.has_external_ids or self.stopped_by is not None:
            return
        for key in sorted({one.account_key for one in changes if one.operation == "adopt"}):
            for account in self._listed(key) or ():
                self._worker.seen[key, account.account_id] = account

    def _invite(self) -> None:
        """Invite whom the vendor's own lists, read once per place, don't show as invited."""
        to_invite = due.due_invitations(self.connection, self.settings.vendor, self._made)
        known: dict[tuple[str, str | None], Account] = {}
        for key in sorted({change.account_key for change in to_invite if not change.is_fresh}):
            accounts = self._listed(key)
            if accounts is None:
                return
            known |= {(key, account.account_id): account for account in accounts}
        done: list[Result] = []
        waiting: list[Change] = []
        for change in to_invite:
            account = known.get((change.account_key, change.account_id))
            if account is None and not change.is_fresh and self.vendor.traits.tells_invitations:
                # Not listed, so nobody can tell whether they were asked: due until they are.
                continue
            if account is not None and is_invited(account, was_tried=change.was_tried):
                done.append(Result(change, "confirmed", change.account_id, shown=account))
            else:
                waiting.append(change)
        self._settle(done)
        # Where only our own log knows who was invited, each has an intent and an outcome of its own.
        size = None if self.vendor.traits.tells_invitations else 1
        self._deliver(waiting[: self.settings.max_invitations_per_run], size)

    def _listed(self, account_key: str) -> list[Account] | None:
        """Read the accounts of a place; None where that stopped the run."""
        try:
            return fetch(partial(self._list, account_key), self.vendor, self._worker.pace)
        except (RetryableError, ConfigError) as error:
            self._worker.stopped_by = error
            return None

    def _list(self, account_key: str) -> list[Account]:
        return list(self.vendor.accounts(account_key))

    def _deliver(self, changes: list[Change], size: int | None = None) -> None:
        with ThreadPoolExecutor(self.settings.num_workers) as workers:
            for group in _groups(changes, size):
                if self.stopped_by is not None:
                    return
                self._intend(group)
                answered = side_by_side(workers, self.settings.num_workers, self._worker.one, group)
                answered += self._not_tried(group, answered)
                doubtful = [result for result in answered if mending.needs_a_look(result)]
                self._settle([one for one in answered if not mending.needs_a_look(one)])
                if doubtful and self._worker.store_lost is None:
                    self._mend(doubtful, workers)
                if self._worker.store_lost is not None:
                    raise self._worker.store_lost

    def _intend(self, group: Sequence[Change]) -> None:
        is_known_by_id = self.vendor.traits.has_external_ids
        for key in {change.account_key for change in group}:
            # With ids only what is made must not be somebody's, and the worker adds that itself.
            if not is_known_by_id or key not in self._worker.taken:
                self._worker.taken[key] = self._taken_ids(key)
        ledger.intend(self.connection, self.settings.vendor, self.run_id, group)
        # With what became of the groups before: after a crash those are looked up too.
        self.store.make_durable()

    def _taken_ids(self, key: str) -> set[str]:
        return mending.taken_ids(self.connection, self.settings.vendor, key)

    def _not_tried(self, group: Sequence[Change], answered: Sequence[Result]) -> list[Result]:
        """Say so of what a stopped run did not reach, or it would count as perhaps done."""
        if self.stopped_by is None or self._worker.store_lost is not None:
            return []
        reached = {result.change.delivery_id for result in answered}
        return [
            Result(change, "not_tried") for change in group if change.delivery_id not in reached
        ]

    def _settle(self, results: list[Result]) -> None:
        ledger.settle(self.connection, self.settings.vendor, self.run_id, self.as_of, results)
        for result in results:
            operation = result.change.operation
            self.counts[f"{operation} {result.status}"] += 1
            if result.refused:
                self.counts["update rejected"] += len(result.refused)
            if operation == "create" and result.status == "confirmed":
                self._made.add((result.change.person_id, result.change.account_key))
        self._heartbeat.beat(self.counts.total())

    def _mend(self, doubtful: Sequence[Result], workers: ThreadPoolExecutor) -> None:
        """Read the places of refused changes again and go on with what is there, the same night."""
        standing: list[Result] = []
        tasks: list[Callable[[], list[Result]]] = []
        others: list[Change] = []
        answered: list[Result] = []
        for key in sorted({result.change.account_key for result in doubtful}):
            accounts = self._listed(key)
            here = [result for result in doubtful if result.change.account_key == key]
            if accounts is None:
                # Not settled: the next run looks before it plans.
                standing += [replace(result, status="ambiguous") for result in here]
                continue
            sight = mending.Sight(accounts, self._taken_ids(key))
            for result in here:
                found = mending.decide(
                    result,
                    sight,
                    self.connection,
                    self.vendor.traits,
                    may_create=self._may_make_anew(key),
                )
                if isinstance(found, Change):
                    self._made_anew[key] += found.operation == "create"
                    others.append(found)
                    answered.append(result)
                    tasks.append(partial(self._worker.again, found))
                elif found is result:
                    tasks.append(partial(self._worker.go_on, result))
                else:
                    standing.append(found)
        ledger.log(self.connection, self.run_id, answered)
        self._settle(standing)
        # Whoever made them: they were there before.
        self._made -= {(one.change.person_id, one.change.account_key) for one in standing}
        if others:
            self._intend(others)
        results = side_by_side(workers, self.settings.num_workers, lambda task: task(), tasks)
        self._settle(results + self._not_tried(others, results))

    def _may_make_anew(self, key: str) -> bool:
        """Tell whether one more deleted account may be made again without a person's look at it.

        Many that are gone at once wait for the next plan, where the brake on additions counts them.
        """
        brake = self.settings.brakes.additions
        row = self.connection.execute(
            "select count(*) from sync.ledger where vendor = ? and account_key = ? "
            "and state = 'active'",
            [self.settings.vendor, key],
        ).fetchone()
        return brake is None or self._made_anew[key] + 1 < brake.limit(row[0] if row else 0)


def _groups(changes: list[Change], size: int | None) -> Iterator[list[Change]]:
    """Cut into groups that are settled together: what a crash leaves to be looked up.

    Of a large delivery a group is a fiftieth, because settling looks through the whole ledger.
    """
    size = size or max(GROUP_SIZE, len(changes) // 50)
    for start in range(0, len(changes), size):
        yield changes[start : start + size]
