-- People of the HR system without an account, and the rule that decided.
select
    plan.reason,
    count(distinct plan.person_id) as people,
    min(plan.person_id) as for_example,
from sync.plan as plan
left join sync.ledger as ledger
    on
        plan.person_id = ledger.person_id
        and ledger.state = 'active'
where
    plan.run_id = (select max(run_id) from sync.runs where plan_hash is not null)
    and plan.operation = 'none'
    and ledger.person_id is null
group by all
order by people desc, plan.reason
