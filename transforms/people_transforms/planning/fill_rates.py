"""What HR types, per employer: how many people have a value of a column, and whether all have the same.

A column that was filled and is suddenly empty, or is one value for everybody, was probably not read as
it is, whatever the counts of the lists say. Compared with the last accepted day before this one: a second
attempt of a day changes nothing. A person who approved a plan that was held for it has accepted what that
run had.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.models import plan_models
from people_transforms.planning.approvals import accepted_runs
from people_transforms.settings import Brake

_LAST_DAY = "ends_on"
# Where nobody of an employer has a value any more, this many that had one are enough.
_ALL_OF_FEW = 2
# One value is left of so many: of two, one may go with the only person who had it.
_MANY_VALUES = 3


@dataclass(frozen=True, slots=True)
class Filled:
    """One employer's people: how many have a value of a column, and how many values these are.

    `has_one_last_day`: everybody has a last day, and it is one; `is_over`: it is there.
    """

    people: int
    values: Mapping[str, int]
    distinct: Mapping[str, int]
    has_one_last_day: bool
    is_over: bool = False


def hold_reasons(
    connection: duckdb.DuckDBPyConnection, traits: Traits, brake: Brake, as_of: dt.date
) -> Iterator[tuple[str | None, str]]:
    """Say of each employer whose columns are not to be believed tonight why; None stands for all."""
    before = _last_accepted(connection, as_of)
    if before is None:
        return
    employers = measure(connection, traits)
    people = sum(one.people for one in employers.values())
    shares = _shares(employers)
    dropped = [
        f"{name} {before[name]:.0%} → {share:.0%}"
        for name, share in shares.items()
        if before.get(name, 0) - share > brake.share
        and (before[name] - share) * people >= brake.at_least
    ]
    if dropped:
        yield None, f"a column is suddenly empty for many people: {', '.join(dropped)}"
    for employer_id, now in employers.items():
        told = before.get("employers", {}).get(employer_id)
        if told is None:
            continue
        then = Filled(**told)
        emptied = [name for name in now.values if _is_emptied(name, then, now, brake)]
        if emptied:
            yield (
                employer_id,
                f"a column is suddenly empty at employer {employer_id}: {', '.join(emptied)}",
            )
        alike = [name for name in now.distinct if _is_alike(name, then, now, brake)]
        if _end_at_once(then, now, brake):
            alike.append(_LAST_DAY)
        if alike:
            yield (
                employer_id,
                "a column has suddenly one value for everybody at employer "
                f"{employer_id}: {', '.join(alike)}",
            )


def as_kept(connection: duckdb.DuckDBPyConnection, traits: Traits) -> dict[str, Any]:
    """Give what a run remembers: the share of all people per column, and each employer's counts."""
    employers = measure(connection, traits)
    if not employers:
        return {}
    told = {
        employer_id: {
            "people": one.people,
            "values": one.values,
            "distinct": one.distinct,
            "has_one_last_day": one.has_one_last_day,
        }
        for employer_id, one in employers.items()
    }
    return {**_shares(employers), "employers": told}


def measure(connection: duckdb.DuckDBPyConnection, traits: Traits) -> dict[str, Filled]:
    """Count per employer who has a value of the columns that HR types (`models/plan/filled.sql`)."""
    plan_models.build(connection, "filled")
    rows = connection.execute(
        "select employer_id, people, filled, distinct_values, has_one_last_day, is_over "
        "from temp.plan_filled order by employer_id"
    ).fetchall()
    # Where notes route nobody they say nothing.
    unasked = () if traits.routing_mart else ("note",)
    return {
        employer_id: Filled(
            people,
            {name: count for name, count in filled.items() if name not in unasked},
            *counted,
        )
        for employer_id, people, filled, *counted in rows
    }


def _last_accepted(connection: duckdb.DuckDBPyConnection, as_of: dt.date) -> dict[str, Any] | None:
    row = connection.execute(
        """
        select coalesce(fill_rates, held_fill_rates) from sync.runs
        where (fill_rates is not null and coalesce(accepted_on < ?, true))
        or (held_fill_rates is not null and list_contains(?::varchar[], run_id))
        order by run_id desc limit 1
        """,
        [as_of, accepted_runs(connection, "fill_rate")],
    ).fetchone()
    return json.loads(row[0]) if row else None


def _shares(employers: Mapping[str, Filled]) -> dict[str, float]:
    people = sum(one.people for one in employers.values())
    totals: Counter[str] = Counter()
    for one in employers.values():
        totals.update(one.values)
    return {name: count / people for name, count in totals.items()}


def _is_emptied(name: str, then: Filled, now: Filled, brake: Brake) -> bool:
    share = then.values.get(name, 0) / then.people
    dropped = share - now.values[name] / now.people
    lost = dropped * now.people
    # Rounded, as a share of few people is not exact.
    is_whole = now.values[name] == 0 and round(lost) >= _ALL_OF_FEW
    return dropped > brake.share and (round(lost, 6) >= brake.at_least or is_whole)


def _is_alike(name: str, then: Filled, now: Filled, brake: Brake) -> bool:
    is_one = now.distinct[name] == 1 and now.values[name] >= max(brake.at_least, 2)
    has_shrunk = now.people < then.people
    return is_one and not has_shrunk and then.distinct.get(name, 0) >= _MANY_VALUES


def _end_at_once(then: Filled, now: Filled, brake: Brake) -> bool:
    is_one = now.has_one_last_day and not then.has_one_last_day
    return is_one and now.is_over and now.people >= max(then.people, brake.at_least)
