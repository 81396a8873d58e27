-- Lists that were not proved whole in the last 30 days: because of these nobody leaves.
select
    runs.as_of,
    evidence.stream,
    evidence.employer_id,
    evidence.distinct_ids,
    evidence.total_size,
    evidence.verdict,
    evidence.missing_columns,
from sync.evidence as evidence
inner join sync.runs as runs
    on evidence.run_id = runs.run_id
where
    (evidence.verdict <> 'whole' or len(evidence.missing_columns) > 0)
    and runs.as_of >= (select max(as_of) from sync.runs) - interval 30 day
order by runs.as_of desc, evidence.stream, evidence.employer_id
