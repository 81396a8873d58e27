"""The proof that a list was read whole: what may make somebody absent, and what may not.

A slice (the list of one employer) is complete when its stream ended COMPLETE and, where the source
says how many records exist, as many distinct ids arrived. A list that had records before and has
none now is never taken as complete: an empty answer is the most common bad read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from people_transforms.landing.messages import Intake
from people_transforms.models.contracts import RawStream


def record_reads(
    connection: duckdb.DuckDBPyConnection,
    streams: Mapping[str, RawStream],
    intake: Intake,
    run_id: str,
    lost: Collection[str] = (),
) -> None:
    """Write one row per stream and slice of this run to `sync.reads`.

    `lost` names the streams of which a line could not be read.
    """
    for name, stream in streams.items():
        ended_whole = intake.statuses.get(name) == "COMPLETE"
        connection.execute(
            f"""
            insert into sync.reads
            with counted as (
                select _scope, count(*) as record_count, max(_total_size) as total_size
                from temp.seen_{stream.table}
                group by all
            ),
            repeats as (
                select _scope, count(*) - count(distinct _key_hash) as repeats
                from temp.seen_{stream.table}
                where _key_hash in (select _key_hash from temp.repeated_{stream.table})
                group by all
            ),
            seen as (
                select
                    coalesce(counted._scope, '') as employer_id,
                    counted.record_count,
                    counted.record_count - coalesce(repeats.repeats, 0) as distinct_ids,
                    counted.total_size,
                from counted
                left join repeats on counted._scope is not distinct from repeats._scope
            ),
            expected as (
                select employer_id from seen
                union
                {_slices_without_rows(stream)}
            ),
            known as (
                select {_scope_of(stream)} as employer_id, count(*) as current_rows
                from raw.{stream.table}
                where _valid_to_run is null and _valid_from_run <> $run_id
                group by all
            )
            select
                $run_id,
                $stream,
                expected.employer_id,
                coalesce(seen.record_count, 0),
                coalesce(seen.distinct_ids, 0),
                seen.total_size,
                $ended_whole
                and coalesce(seen.distinct_ids = seen.total_size, $nothing_lost)
                and not (seen.employer_id is null and coalesce(known.current_rows, 0) > 0),
                coalesce(seen.distinct_ids = seen.total_size, false),
            from expected
            left join seen on expected.employer_id = seen.employer_id
            left join known on expected.employer_id = known.employer_id
            """,
            {
                "run_id": run_id,
                "stream": name,
                "ended_whole": ended_whole,
                # A line that could not be read may have been a record of any stream.
                "nothing_lost": not intake.unreadable_lines and name not in lost,
            },
        )


def _scope_of(stream: RawStream) -> str:
    return f"coalesce({stream.scope}, '')" if stream.scope else "''"


def _slices_without_rows(stream: RawStream) -> str:
    """Slices that could have rows: each employer of this run, or the one list of the stream."""
    if stream.scope is None:
        return "select ''"
    if stream.scope != "employer_id":
        return f"select {_scope_of(stream)} from raw.{stream.table} where _valid_to_run is null"
    employers = f"{stream.source}__employers"
    return f"""
        select employer_id from raw.{employers}
        where _valid_to_run is null
        and hash(employer_id) in (select _key_hash from temp.seen_{employers})
    """
