"""What was read: one verdict per run, employer and stream, that every later step asks.

    whole      as many distinct ids arrived as the source says exist; or, where it says no number, the
               stream ended COMPLETE and no line was unreadable
    partial    something arrived and is not proved
    not_read   asked for, and nothing arrived
    not_asked  not in the catalog

Whoever was known at another employer first, and is still, is not of a list of which half are such people;
an employer that is listed no more lists nobody.
Only `whole` may close a record, count as an absence, end anything or clear a field. Statuses are a
bonus: Airbyte's worker passes none on, so a count that fits proves a list whatever the status. A list
that had records and has none now is not whole: an empty answer is the most common bad read. Of the
lists that say who is employed it never is; of the others (extra fields, notes) on a second day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb

from people_transforms.landing.arrivals import Missing
from people_transforms.landing.messages import Intake
from people_transforms.landing.parse import list_of
from people_transforms.models.contracts import NEEDED_STREAMS, RawStream


def record_evidence(
    connection: duckdb.DuckDBPyConnection,
    streams: Mapping[str, RawStream],
    intake: Intake,
    run_id: str,
    *,
    asked: Collection[str],
    concerned: Collection[str],
    lost: Collection[str],
    missing: Mapping[str, Missing],
) -> None:
    """Write one row per stream and slice of this run to `sync.evidence`.

    `asked` are the streams of the catalog, `concerned` these and whatever else was looked at, `lost` those of
    which a line could not be read, `missing` the contract columns of a stream that no record of a list has as a key.
    """
    for name, stream in streams.items():
        not_there = missing.get(name, Missing())
        if name not in concerned:
            _record_not_asked(connection, stream, run_id, not_there.everywhere)
            continue
        connection.execute(
            f"""
            insert into sync.evidence by name
            with emptied as (
                -- Lists that were answered empty on the latest accepted day before this one, and
                -- in which nothing was since.
                select evidence.employer_id from sync.evidence as evidence
                inner join sync.runs as runs on evidence.run_id = runs.run_id
                where evidence.stream = $stream
                and (
                    (
                        runs.accepted_on is not null
                        and coalesce(runs.night_on, runs.as_of) < (
                            select coalesce(night_on, as_of) from sync.runs where run_id = $run_id
                        )
                    )
                    or evidence.record_count > 0
                )
                group by all having arg_max(evidence.is_empty_answer, evidence.run_id)
            ),
            counted as (
                select coalesce(_scope, '') as employer_id, count(*) as record_count,
                    max(_total_size) as total_size, min(_total_size) as smallest_total,
                from temp.seen_{stream.table}
                group by all
            ),
            repeats as (
                -- A record without an id is no proof of anybody.
                -- Nor are two of whatever is not about one person that contradict each other.
                select coalesce(seen._scope, '') as employer_id,
                    count(*) - count(distinct seen._key_hash)
                    + count(distinct if(
                        repeated.is_contradicted and not $is_needed, seen._key_hash, null
                    )) as repeats,
                from temp.seen_{stream.table} as seen
                left join temp.repeated_{stream.table} as repeated
                    on seen._key_hash = repeated._key_hash
                where seen._key_hash is null or repeated._key_hash is not null
                group by all
            ),
            strangers as ({_strangers(stream)}),
            seen as (
                select counted.*,
                    counted.record_count - coalesce(repeats.repeats, 0)
                    - if(
                        strangers.strangers > 1 and 2 * strangers.strangers >= counted.record_count,
                        strangers.strangers, 0
                    ) as distinct_ids,
                from counted
                left join repeats on counted.employer_id = repeats.employer_id
                left join strangers on counted.employer_id = strangers.employer_id
            ),
            expected as (
                select employer_id from seen
                union
                {_slices_without_rows(stream)}
            ),
            lacking as (
                select unnest($lists::varchar[]) as employer_id,
                    unnest($lacking::varchar[][]) as columns,
            ),
            known as (
                select {list_of(stream, stream.table)} as employer_id, count(*) as current_rows
                from raw.{stream.table}
                where _valid_to_run is null and _valid_from_run <> $run_id
                group by all
            )
            select
                $run_id as run_id,
                $stream as stream,
                expected.employer_id,
                coalesce(seen.record_count, 0) as record_count,
                coalesce(seen.distinct_ids, 0) as distinct_ids,
                seen.total_size,
                case
                    when not $is_asked then 'not_asked'
                    when seen.employer_id is null and $ended_whole and (
                        coalesce(known.current_rows, 0) = 0
                        or (not $is_needed and emptied.employer_id is not null)
                    ) then 'whole'
                    when seen.employer_id is null then 'not_read'
                    when seen.total_size is not null
                        then if(
                            seen.distinct_ids = seen.total_size
                            and seen.smallest_total = seen.total_size, 'whole', 'partial'
                        )
                    when $ended_whole and seen.distinct_ids = seen.record_count then 'whole'
                    else 'partial'
                end as verdict,
                coalesce(lacking.columns, $missing::varchar[]) as missing_columns,
                seen.employer_id is null and $ended_whole as is_empty_answer,
            from expected
            left join seen on expected.employer_id = seen.employer_id
            left join known on expected.employer_id = known.employer_id
            left join emptied on expected.employer_id = emptied.employer_id
            left join lacking on expected.employer_id = lacking.employer_id
            """,
            {
                "run_id": run_id,
                "stream": name,
                "is_asked": name in asked,
                "is_needed": name in NEEDED_STREAMS,
                # A line that could not be read may have been a record of any stream.
                "ended_whole": intake.statuses.get(name) == "COMPLETE"
                and not intake.unreadable_lines
                and name not in lost,
                "missing": list(not_there.everywhere),
                "lists": list(not_there.by_list),
                "lacking": [list(columns) for columns in not_there.by_list.values()],
            },
        )


def _record_not_asked(
    connection: duckdb.DuckDBPyConnection,
    stream: RawStream,
    run_id: str,
    missing: Sequence[str],
) -> None:
    """Write what is plain of a stream that nobody asked for and that sent nothing."""
    connection.execute(
        f"""
        insert into sync.evidence by name
        select $run_id as run_id, $stream as stream, slices.employer_id, 0 as record_count,
            0 as distinct_ids, 'not_asked' as verdict, $missing::varchar[] as missing_columns,
            false as is_empty_answer,
        from (select distinct * from ({_slices_without_rows(stream)})) as slices(employer_id)
        """,
        {"run_id": run_id, "stream": stream.name, "missing": list(missing)},
    )


def _strangers(stream: RawStream) -> str:
    """Count in each employer's list of people those who were known at another employer first, and still are.

    Half of a list of such people is another employer's list.
    """
    if stream.key != ("employer_id", "employee_id"):
        return "select null::varchar as employer_id, 0 as strangers where false"
    return f"""
        with places as (
            select employee_id, employer_id, min(_valid_from_run) as first_run
            from raw.{stream.table} where employee_id in (
                select employee_id from raw.{stream.table} where _valid_to_run is null
                group by employee_id having count(distinct employer_id) > 1
            )
            group by all having count(*) > count(_valid_to_run)
        ),
        homes as (
            select places.* from places
            semi join (
                select employer_id from raw.{stream.source}__employers where _valid_to_run is null
            ) as listed on places.employer_id = listed.employer_id
        )
        select employer_id, count(*) as strangers from places as place
        where first_run > (
            select min(home.first_run) from homes as home
            where home.employee_id = place.employee_id
        )
        and hash(employer_id, employee_id) in (select _key_hash from temp.seen_{stream.table})
        group by employer_id
    """


def _slices_without_rows(stream: RawStream) -> str:
    """Slices that could have rows: each employer that is known, or the one list of the stream."""
    if stream.scope is None:
        return "select ''"
    if stream.scope != "employer_id":
        return f"select {list_of(stream, stream.table)} from raw.{stream.table} where _valid_to_run is null"
    return f"select employer_id from raw.{stream.source}__employers where _valid_to_run is null"
