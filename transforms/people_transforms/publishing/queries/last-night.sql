-- What the latest run did: changes per operation, and what became of them.
select
    plan.operation,
    coalesce(plan.outcome, plan.hold, 'not needed') as outcome,
    count(distinct plan.person_id) as people,
    count(*) as accounts,
from sync.plan as plan
where
    plan.run_id = (select max(run_id) from sync.runs where plan_hash is not null)
    and plan.operation <> 'none'
group by all
order by all
