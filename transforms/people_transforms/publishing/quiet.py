"""Too quiet: so many nights without a change that this connection's history makes it improbable.

A source that answers with the same people every night looks like a good night. How often nights
had changes, on weekdays and at weekends apart, says how probable such a silence is: each kind of
night is a coin of unknown bias (Beta-Binomial, Jeffreys' prior). Silence shorter than one that was
there before is never an alarm, because changes come in waves (a month's first days).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma
from typing import TYPE_CHECKING

from people_transforms.publishing.report import MOVING

if TYPE_CHECKING:
    import duckdb

IMPROBABLE = 0.01
FEWEST_NIGHTS = 10
# What a run counted of its plan; that stays true when people are erased.
_PLANNED = tuple(f"planned {operation}" for operation in MOVING)
_MOST_NIGHTS = 400
_PRIOR = 0.5
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silence: nights without any change, since when, and how probable that is by chance."""

    nights: int
    since: dt.date
    chance: float


def read_nights(
    connection: duckdb.DuckDBPyConnection, until_run: str | None = None
) -> list[tuple[dt.date, int]]:
    """Count the planned changes of each business day, oldest first, up to a run."""
    rows = connection.execute(
        f"""
        with runs as (
            select * from sync.runs
            where as_of is not null and plan_hash is not null
            and ($until is null or run_id <= $until)
        ),
        planned as (
            select run_id, sum(each.value::bigint) as number
            from runs, json_each(coalesce(runs.counts, '{{}}')) as each
            where each.key in {_PLANNED} group by run_id
        )
        select as_of, coalesce(sum(number), 0)
        from runs left join planned on runs.run_id = planned.run_id
        group by as_of order by as_of desc limit {_MOST_NIGHTS}
        """,  # noqa: S608
        {"until": until_run},
    ).fetchall()
    return [(day, int(count)) for day, count in reversed(rows)]


def judge(nights: Sequence[tuple[dt.date, int]]) -> Quiet | None:
    """Tell whether the latest nights are too quiet; None where they are not, or nobody can say."""
    silence = _silence_at_end(nights)
    before, quiet = nights[: len(nights) - silence], nights[len(nights) - silence :]
    if not quiet or len(before) < FEWEST_NIGHTS or silence <= _longest_silence(before):
        return None
    chance = 1.0
    for is_weekend in (False, True):
        known = [count for day, count in before if (day.weekday() >= _SATURDAY) == is_weekend]
        silent = sum((day.weekday() >= _SATURDAY) == is_weekend for day, _ in quiet)
        if known:
            chance *= _chance(sum(count > 0 for count in known), len(known), silent)
    return Quiet(silence, quiet[0][0], chance) if chance < IMPROBABLE else None


def _chance(with_change: int, nights: int, silent: int) -> float:
    """How probable so many silent nights are after so many nights, some of them with changes."""
    changing, still = with_change + _PRIOR, nights - with_change + _PRIOR
    return exp(
        lgamma(still + silent)
        - lgamma(still)
        + lgamma(changing + still)
        - lgamma(changing + still + silent)
    )


def _silence_at_end(nights: Sequence[tuple[dt.date, int]]) -> int:
    silence = 0
    for _, count in reversed(nights):
        if count:
            break
        silence += 1
    return silence


def _longest_silence(nights: Sequence[tuple[dt.date, int]]) -> int:
    longest = current = 0
    for _, count in nights:
        current = 0 if count else current + 1
        longest = max(longest, current)
    return longest
