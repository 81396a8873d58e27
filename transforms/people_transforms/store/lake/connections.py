"""What the connections of a lake say together: which trouble strikes many tonight, and how each is doing.

Only the tables of runs, findings and connections are read; there is no personal data in them.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from people_transforms.status import STATUSES, known_status
from people_transforms.store.lake.attach import NAME, attached, load_extensions
from people_transforms.store.lake.locks import Locks, connect
from people_transforms.store.lake.place import LakePlace
from people_transforms.store.lake.tables import CONNECTIONS, tables_of

_TREND_DAYS = 7


@dataclass(frozen=True, slots=True)
class Strike:
    """A cause of holds or failures, and how many of the connections that ran tonight it struck."""

    cause: str
    struck: int
    ran: int


def strikes(
    connection: duckdb.DuckDBPyConnection, place: LakePlace, locks: Locks, since: dt.datetime
) -> list[Strike]:
    """Count, per cause, the other connections whose latest run since then was held or failed for it."""
    with attached(connection, place, locks):
        rows = connection.execute(
            f"""
            with tonight as (
                select connection_id, causes from {NAME}.sync.runs
                where started_at >= $since and outcome is not null and connection_id <> $mine
                qualify row_number() over (
                    partition by connection_id order by run_id desc
                ) = 1
            ),
            struck as (
                select distinct connection_id, unnest(from_json(causes, '["VARCHAR"]')) as cause
                from tonight
            )
            select cause, count(*), (select count(*) from tonight) from struck
            group by cause order by 2 desc, 1
            """,
            {"since": since, "mine": place.connection_id},
        ).fetchall()
    return [Strike(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Shared:
    """Another connection that keeps accounts of the same people: how many, and of these how many are not kept here yet."""

    connection_id: str
    people: int
    new_here: int


def shared_people(
    connection: duckdb.DuckDBPyConnection,
    place: LakePlace,
    locks: Locks,
    others: Sequence[str],
    *,
    mart: str,
    since: dt.datetime,
    platform_mark: str,
) -> list[Shared]:
    """Count the people whose accounts other connections keep, and decided about since then."""
    with attached(connection, place, locks):
        if {mart, "sync.ledger", "sync.runs"} - tables_of(
            connection, NAME, ("mart", "sync")
        ).keys():
            return []
        rows = connection.execute(
            f"""
            with mine as (
                select person_id, account_key, desired_state from {mart}
                where desired_state <> 'untouched'
            ),
            kept as (
                select person_id, account_key from sync.ledger where vendor = $vendor
            ),
            alive as (
                select distinct connection_id from {NAME}.sync.runs
                where list_contains($others, connection_id)
                and started_at >= $since and accepted_on is not null
                and platform_mark = $mark
            )
            select theirs.connection_id, count(distinct theirs.person_id),
                count(distinct theirs.person_id) filter (
                    kept.person_id is null and mine.desired_state = 'active'
                ),
            from {NAME}.{mart} as theirs
            semi join alive on theirs.connection_id = alive.connection_id
            semi join {NAME}.sync.ledger as held
                on theirs.connection_id = held.connection_id and held.vendor = $vendor
                and theirs.person_id = held.person_id and theirs.account_key = held.account_key
                and held.state = 'active'
            inner join mine
                on theirs.person_id = mine.person_id and theirs.account_key = mine.account_key
            left join kept
                on mine.person_id = kept.person_id and mine.account_key = kept.account_key
            where theirs.desired_state <> 'untouched'
            group by theirs.connection_id order by all
            """,
            {"vendor": place.vendor, "others": list(others), "since": since, "mark": platform_mark},
        ).fetchall()
    return [Shared(*row) for row in rows]


def overview(place: LakePlace) -> list[dict[str, Any]]:
    """Tell how the last run ended and when one was good, worst first.

    A row is a connection and a vendor: where two vendors share an id, neither hides the other.
    """
    with connect(place) as locks, _ready(place) as connection:
        return _read(connection, place, locks)


class Overview:
    """The overview for who asks again and again: it is read anew when somebody wrote into the lake.

    DuckDB and its extensions stay loaded in between; that is most of what a look costs.
    """

    def __init__(self, place: LakePlace) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._known: tuple[int, list[dict[str, Any]]] | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Give what `overview` does."""
        with self._lock, connect(self._place) as locks:
            # Before the rows are read: what is written meanwhile is another snapshot.
            snapshot = _snapshot(locks)
            if self._known is None or self._known[0] != snapshot:
                self._known = (snapshot, self._read(locks))
            return [dict(row) for row in self._known[1]]

    def _read(self, locks: Locks) -> list[dict[str, Any]]:
        connection, self._connection = self._connection, None
        connection = connection or _ready(self._place)
        rows = _read(connection, self._place, locks)
        # Kept only after it went well: the next look begins with a new one else.
        self._connection = connection
        return rows


def _snapshot(locks: Locks) -> int:
    """Number what was written last; 0 where nobody has made the lake yet."""
    known = locks.ask("select to_regclass('ducklake_snapshot')")
    if not known or not known[0]:
        return 0
    written = locks.ask("select max(snapshot_id) from ducklake_snapshot")
    return int(written[0] or 0) if written else 0


def _ready(place: LakePlace) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    load_extensions(connection, place)
    return connection


def _read(
    connection: duckdb.DuckDBPyConnection, place: LakePlace, locks: Locks
) -> list[dict[str, Any]]:
    with locks.files(), attached(connection, place, locks):
        known = tables_of(connection, NAME, ("sync",))
        if CONNECTIONS not in known or "sync.runs" not in known:
            return []
        result = connection.execute(_overview("status" in known["sync.runs"].columns))
        names = [column[0] for column in result.description or ()]
        rows = result.fetchall()
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for row in found:
        counts = json.loads(row.pop("counts") or "{}")
        row["held"] = dict(_held(counts))
        row["causes"] = json.loads(row["causes"] or "[]")
        if row["last_run_at"] is None:
            row["state"] = "never ran"
        elif row["outcome"] is None:
            row["state"] = "cut off"
        else:
            row["state"] = known_status(row["status"], row["outcome"])
        del row["status"], row["outcome"]
        row["accounts"] = json.loads(row["accounts"] or "[]")
    return sorted(
        found,
        key=lambda row: (_ORDER.get(row["state"], 0), row["connection_id"], row["vendor"] or ""),
    )


_ORDER = {"never ran": len(STATUSES), **{name: place for place, name in enumerate(STATUSES)}}


def _held(counts: dict[str, int]) -> Iterator[tuple[str, int]]:
    for name, count in counts.items():
        if name.startswith("held "):
            yield name.removeprefix("held "), count


def _overview(has_status: bool) -> str:
    """Write the query; in a lake that no run of this release has written to, no run has a status."""
    status = "last_runs.status" if has_status else "null"
    return f"""
with runs as (
    select *, row_number() over (
        partition by connection_id, vendor order by run_id desc
    ) as age,
    (steps -> '$[*].people')[1]::bigint as people,
    from {NAME}.sync.runs
),
last_runs as (select * from runs where age = 1),
good as (
    select connection_id, vendor, max(finished_at) as last_good_at from runs
    where outcome in ('done', 'partly') group by all
),
counted as (
    select runs.connection_id, runs.vendor,
        max_by(runs.people, runs.started_at) as people,
        min_by(runs.people, runs.started_at) as people_before,
    from runs inner join last_runs
        on runs.connection_id = last_runs.connection_id
        and runs.vendor is not distinct from last_runs.vendor
    where runs.people is not null
    and runs.started_at >= last_runs.started_at - interval {_TREND_DAYS} day
    group by all
),
found as (
    select connection_id, count(*) as findings from {NAME}.sync.findings
    where severity <> 'info' group by all
)
select connections.connection_id, connections.accounts, last_runs.vendor, last_runs.run_id,
    last_runs.started_at as last_run_at,
    last_runs.outcome, {status} as status, last_runs.causes, last_runs.counts, last_runs.message, good.last_good_at,
    coalesce(found.findings, 0) as findings, counted.people,
    counted.people - counted.people_before as people_trend,
from {NAME}.{CONNECTIONS} as connections
left join last_runs on connections.connection_id = last_runs.connection_id
left join good
    on last_runs.connection_id = good.connection_id
    and last_runs.vendor is not distinct from good.vendor
left join counted
    on last_runs.connection_id = counted.connection_id
    and last_runs.vendor is not distinct from counted.vendor
left join found on connections.connection_id = found.connection_id
"""
