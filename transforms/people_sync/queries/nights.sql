-- The last 60 runs: how each ended, and what was sent.
select
    runs.as_of,
    runs.run_id,
    runs.status,
    count(*) filter (
        where plan.outcome in ('confirmed', 'partly') and plan.operation in ('create', 'adopt', 'reactivate')
    ) as joined,
    count(*) filter (where plan.outcome in ('confirmed', 'partly') and plan.operation = 'update') as changed,
    count(*) filter (where plan.outcome in ('confirmed', 'partly') and plan.operation = 'deactivate') as ended,
    count(*) filter (where plan.hold is not null and plan.operation <> 'none') as held,
    round(date_diff('millisecond', runs.started_at, runs.finished_at) / 1000, 1) as seconds,
from sync.runs as runs
left join sync.plan as plan
    on runs.run_id = plan.run_id
group by runs.as_of, runs.run_id, runs.status, runs.started_at, runs.finished_at
order by runs.run_id desc
limit 60
