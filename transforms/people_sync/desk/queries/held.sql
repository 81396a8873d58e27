-- grain: row_hash
-- What a run planned and holds: who, where, what changes and why it waits.
select
    plan.row_hash,
    plan.plan_hash,
    plan.person_id,
    nullif(concat_ws(' ',
        nullif(people.first_name, ''), nullif(people.prefix, ''), nullif(people.last_name, '')
    ), '') as person_name,
    people.personal_number,
    coalesce(employers.employer_name, plan.employer_id) as employer_name,
    plan.account_key,
    plan.operation,
    plan.leaving_kind,
    plan.reason,
    plan.changes,
    coalesce(plan.invites, false) as invites,
    plan.moves_from,
    plan.starts_on,
    plan.ends_on,
    plan.hold,
    plan.hold_reason,
from sync.plan as plan
left join people.people as people on plan.person_id = people.person_id
left join people.employers as employers on plan.employer_id = employers.employer_id
where plan.run_id = $run
    and plan.hold is not null and plan.hold <> 'dead_letter'
    and plan.operation <> 'none'
order by plan.operation, plan.hold, people.last_name, people.first_name, plan.row_hash
