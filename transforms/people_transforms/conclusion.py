"""What a run did and how it ended: one status, one sentence, one row of `sync.runs`."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from people_transforms.delivery.deliver import Delivery
from people_transforms.delivery.vendor import Vendor
from people_transforms.errors import (
    ConfigError,
    HeldError,
    RefusedError,
    RetryableError,
    UnansweredError,
)
from people_transforms.models.contracts import NEEDED_STREAMS
from people_transforms.planning import calendar, fill_rates
from people_transforms.planning.holds import (
    RELEASABLE,
    STRIKES,
    WAITS_FOR_A_READ,
    Hold,
)
from people_transforms.planning.unread import unread_facts
from people_transforms.publishing.consequences import read_consequences, say_consequences
from people_transforms.publishing.quiet import judge as judge_silence
from people_transforms.publishing.quiet import read_nights
from people_transforms.publishing.report import Report
from people_transforms.publishing.words import load_words
from people_transforms.settings import Settings
from people_transforms.status import Facts, judge, status_of_error
from people_transforms.store.warehouse import json_text

logger = logging.getLogger("airbyte")


@dataclass(frozen=True, slots=True)
class Refused:
    """People of whom the vendor refuses something: since tonight, and since an earlier night."""

    new: int
    still: int

    @property
    def people(self) -> int:
        return self.new + self.still


@dataclass(slots=True)
class Night:
    """What a run did. `error` is set when the run must end as held, partly or failed."""

    run_id: str
    as_of: dt.date
    plan_hash: str = ""
    outcome: str = "done"
    # The night's status where an error ended the run; else it is judged when the run is closed.
    status: str | None = None
    # The step that is at work, or the last one.
    doing: str = ""
    message: str = ""
    states: list[bytes] = field(default_factory=list)
    holds: Sequence[Hold] = ()
    counts: dict[str, int] = field(default_factory=dict)
    # What other connections of the lake compare with theirs; see `gate.py`.
    causes: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    error: ConfigError | RetryableError | None = None
    refused: Refused | None = None
    # What was published of it, where it came to its own end.
    report: Report | None = None

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a step and log one line for it; the body may add facts."""
        facts: dict[str, Any] = {}
        self.doing = name
        started = time.perf_counter()
        yield facts
        seconds = round(time.perf_counter() - started, 3)
        self.steps.append({"step": name, "seconds": seconds, **facts})
        listed = ", ".join(f"{key}={value}" for key, value in facts.items())
        logger.info("%s: %s (%.1f s)", name, listed or "done", seconds)


def conclude(
    connection: duckdb.DuckDBPyConnection, night: Night, delivery: Delivery, settings: Settings
) -> None:
    """Say in one sentence how the run ended, worst first.

    `incomplete` is a night on which something that the rules rest on was not read.
    """
    unanswered = sum(
        n for key, n in delivery.counts.items() if key.endswith(("ambiguous", "looked_up"))
    )
    night.refused = _refused(connection, night.run_id)
    if night.refused.people:
        night.counts |= {"refused new": night.refused.new, "refused still": night.refused.still}
    waiting = [held for held in night.holds if held.kind in RELEASABLE]
    if delivery.stopped_by is not None:
        night.outcome, night.error = "failed", delivery.stopped_by
        night.status = status_of_error(delivery.stopped_by, "deliver")
        night.causes = [type(delivery.stopped_by).__name__]
        night.message = str(delivery.stopped_by)
    elif waiting:
        night.outcome = "held"
        night.causes = sorted(STRIKES & {held.kind for held in waiting})
        night.message = "; ".join(map(_is_held, waiting))
        consequences = say_consequences(
            read_consequences(connection, night.plan_hash), settings.vendor, load_words("en")
        )
        then = f" An approval means: {'; '.join(consequences)}." if consequences else ""
        night.error = HeldError(
            f"{night.message}. Nothing of this was sent.{then} The names are in report.html and in the "
            "table sync.plan of the staging file. If they are right, approve this plan: "
            f"set `approved_plan` to {night.plan_hash}",
            plan=night.plan_hash,
        )
    elif unanswered or night.refused.people:
        night.outcome = "partly"
        night.message = _shortfall(night.refused, unanswered)
        if unanswered:
            night.error = UnansweredError(
                f"{_sentence(night.message)} The next run looks them up before it sends anything."
            )
        elif settings.fail_on_refused:
            night.error = RefusedError(
                f"{_sentence(night.message)} See the report; `fail_on_refused` makes this a failure."
            )
    elif missing := unread_facts(connection):
        waiting = [held for held in night.holds if held.kind in WAITS_FOR_A_READ]
        night.outcome = "incomplete"
        night.message = "; ".join([*map(_waits, waiting), *missing])
    elif night.holds:
        night.message = "; ".join(map(_waits, night.holds))
    else:
        confirmed: Counter[str] = Counter()
        for key, count in delivery.counts.items():
            confirmed[key.split()[0]] += count
        listed = ", ".join(f"{operation} {count}" for operation, count in sorted(confirmed.items()))
        night.message = listed or _nothing(connection, night.run_id)


def _nothing(connection: duckdb.DuckDBPyConnection, run_id: str) -> str:
    """Say that nothing changes, and of how much nobody knows."""
    row = connection.execute(
        "select count(*) from sync.rejected_records where run_id = ?", [run_id]
    ).fetchone()
    if row and row[0]:
        return f"nothing to change in what could be read; records set aside: {row[0]}"
    return "nothing to change"


def _refused(connection: duckdb.DuckDBPyConnection, run_id: str) -> Refused:
    """Count who is refused something, and warn once per cause."""
    causes = connection.execute(
        """
        select operation, cause, any_value(message), count(*), count(*) filter (first_run_id = $run)
        from sync.dead_letters
        where not coalesce(settled, false) and not coalesce(is_own, false)
        group by operation, cause order by 4 desc, 1, 2
        """,
        {"run": run_id},
    ).fetchall()
    for operation, cause, message, count, new in causes:
        logger.warning(
            "Refused: %s, %d times, %d of them new: %s (%s)", operation, count, new, message, cause
        )
    row = connection.execute(
        """
        select count(*) filter (is_new), count(*) filter (not is_new) from (
            select bool_or(first_run_id = $run) as is_new from sync.dead_letters
            where not coalesce(settled, false) and not coalesce(is_own, false) group by person_id
        )
        """,
        {"run": run_id},
    ).fetchone()
    return Refused(*row) if row else Refused(0, 0)


def _shortfall(refused: Refused, unanswered: int) -> str:
    told = []
    if refused.people:
        told.append(
            f"the vendor refuses something of people: {refused.people} "
            f"(new {refused.new}, still {refused.still})"
        )
    if unanswered:
        told.append(f"changes without an answer: {unanswered}")
    return "; ".join(told)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _is_held(held: Hold) -> str:
    if not held.count:
        return f"Every account is as it should be; {held.reason}"
    return f"{held.count} changes held: {held.reason}"


def _waits(held: Hold) -> str:
    return f"{held.count} changes wait: {held.reason}"


def close_run(connection: duckdb.DuckDBPyConnection, vendor: Vendor, night: Night) -> None:
    """Write the run's row: how it ended, what it read, and whether its day is accepted."""
    kinds = {held.kind for held in night.holds}
    is_planned = night.outcome != "failed" and bool(night.plan_hash)
    reads = connection.execute(
        """
        select stream, sum(record_count)::bigint, bool_and(verdict = 'whole') from sync.evidence
        where run_id = ? and verdict <> 'not_asked' group by all order by all
        """,
        [night.run_id],
    ).fetchall()
    were_read = {stream for stream, _, is_whole in reads if is_whole}
    filled: dict[str, Any] = {}
    if is_planned and {"employees", "employments"} <= were_read:
        filled = fill_rates.as_kept(connection, vendor.traits)
    rates = json_text(filled) if filled else None
    is_held_for_them = "fill_rate" in kinds
    connection.execute(
        """
        update sync.runs set finished_at = now(), outcome = ?, plan_hash = ?, counts = ?,
            steps = ?, reads = ?, fill_rates = ?, held_fill_rates = ?, message = ?, causes = ?,
            awaits_approval = ?,
            accepted_on = if(?, as_of, null)
        where run_id = ?
        """,
        [
            night.outcome,
            night.plan_hash or None,
            json_text(night.counts),
            json_text(night.steps),
            json_text({name: {"records": n, "complete": is_whole} for name, n, is_whole in reads}),
            None if is_held_for_them else rates,
            rates if is_held_for_them else None,
            night.message,
            json_text(night.causes) if night.causes else None,
            bool(RELEASABLE & kinds),
            is_planned and calendar.is_accepted(connection, night.run_id, night.as_of),
            night.run_id,
        ],
    )
    night.status = night.status or judge(_facts(connection, night.run_id))
    connection.execute(
        "update sync.runs set status = ? where run_id = ?", [night.status, night.run_id]
    )


def _facts(connection: duckdb.DuckDBPyConnection, run_id: str) -> Facts:
    """Ask the store what a run that made a plan has done, and what its day's earlier runs sent."""
    row = connection.execute(
        """
        with todays as (
            select * from sync.plan where operation <> 'none' and (
                run_id = $run or run_id in (
                    select runs.run_id from sync.runs as runs
                    inner join sync.runs as this on this.run_id = $run and runs.as_of = this.as_of
                    where runs.run_id < $run
                )
            )
        ),
        -- What the person has at another account of theirs is nothing to mend.
        content as (
            select person_id, account_key from sync.dead_letters
            where not coalesce(settled, false)
            group by all having bool_and(coalesce(is_own, false))
        ),
        planned as (
            select
                count(*) filter (outcome in ('confirmed', 'partly')) as sent,
                count(*) filter (is_this and list_contains($releasable, hold)) as held,
                count(*) filter (
                    is_this and (hold = 'dead_letter' or outcome in ('parked', 'partly'))
                    and (person_id, account_key) not in (
                        select (person_id, account_key) from content
                    )
                ) as refused,
                count(*) filter (is_this and outcome = 'waiting') as unanswered,
                count(*) filter (is_this and hold = 'activation') as to_begin
            from (select *, run_id = $run as is_this from todays)
        )
        select
            sent, held, refused, unanswered,
            (select count(*) from sync.findings
                where run_id = $run and severity in ('warning', 'error')),
            -- An empty plan that waits: every account is as it should be.
            to_begin > 0 or held = 0 and (
                select coalesce(awaits_approval, false) from sync.runs where run_id = $run
            ),
            (select coalesce(bool_or(verdict in ('whole', 'partial')), true) from sync.evidence
                where run_id = $run and list_contains($people, stream))
        from planned
        """,
        {
            "run": run_id,
            "releasable": sorted(RELEASABLE),
            "people": [name for name in NEEDED_STREAMS if name != "employers"],
        },
    ).fetchone()
    assert row is not None
    sent, held, refused, unanswered, to_mend, is_preview, is_read_at_all = row
    return Facts(
        sent=sent,
        held=held,
        refused=refused,
        unanswered=unanswered,
        to_mend=to_mend,
        is_too_quiet=judge_silence(read_nights(connection, run_id)) is not None,
        is_preview=is_preview,
        is_read_whole=not unread_facts(connection),
        is_read_at_all=is_read_at_all,
    )
