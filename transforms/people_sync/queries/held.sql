-- Which changes wait since the latest run, and why.
select
    plan.hold,
    plan.operation,
    plan.account_key,
    plan.hold_reason,
    count(*) as changes,
    min(plan.person_id) as for_example,
from sync.plan as plan
where
    plan.run_id = (select max(run_id) from sync.runs where plan_hash is not null)
    and plan.hold is not null
    and plan.operation <> 'none'
group by all
order by changes desc, plan.hold, plan.operation, plan.account_key, plan.hold_reason
