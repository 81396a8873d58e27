-- Lists that were not proved whole in the last 30 days: because of these nobody leaves.
select
    runs.as_of,
    reads.stream,
    reads.employer_id,
    reads.distinct_ids,
    reads.total_size,
    reads.is_complete,
from sync.reads as reads
inner join sync.runs as runs
    on reads.run_id = runs.run_id
where
    not coalesce(reads.is_complete, false)
    and runs.as_of >= (select max(as_of) from sync.runs) - interval 30 day
order by runs.as_of desc, reads.stream, reads.employer_id
