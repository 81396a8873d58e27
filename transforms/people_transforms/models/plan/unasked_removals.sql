-- grain: run_id, person_id, account_key
-- Accounts that ended in the last seven days without being announced, and without a question.
with

ended as (

    select distinct
        run_id,
        person_id,
        account_key,
    from sync.deliveries
    where operation = 'deactivate' and status = 'confirmed'

)

select
    planned.run_id,
    planned.person_id,
    planned.account_key,
from sync.plan as planned
inner join sync.runs as runs on planned.run_id = runs.run_id
inner join ended
    on
        planned.run_id = ended.run_id
        and planned.person_id = ended.person_id
        and planned.account_key = ended.account_key
where
    planned.operation = 'deactivate'
    and not planned.is_announced
    and planned.released_by is null
    and runs.as_of <= getvariable('as_of')
    and runs.as_of > getvariable('as_of') - interval 7 day
