-- What the last night did, all its runs together: changes per operation, and what became of them.
with latest as (select max(as_of) as day from sync.runs where plan_hash is not null)

select
    plan.operation,
    coalesce(plan.outcome, plan.hold, 'not needed') as outcome,
    count(distinct plan.person_id) as people,
    count(*) as accounts,
from sync.plan as plan
inner join sync.runs as runs
    on plan.run_id = runs.run_id
inner join latest
    on runs.as_of = latest.day
where
    plan.operation <> 'none'
    -- What waited in an earlier run of the day waits once.
    and (
        plan.outcome in ('confirmed', 'partly')
        or plan.run_id = (select max(run_id) from sync.runs where plan_hash is not null)
    )
group by all
order by all
