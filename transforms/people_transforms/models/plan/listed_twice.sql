-- grain: person_id, account_key
-- New accounts of people whose id HR also lists at another employer, where they have an account.
with

planned as (

    select * from plan.changes
    where operation in ('create', 'adopt')

)

select distinct
    planned.person_id,
    planned.account_key,
    planned.row_hash,
    'rekeyed' as kind,
    'a new record looks like somebody who has an account already' as reason,
from planned
inner join people.people as listed
    on planned.person_id = listed.person_id
inner join people.people as elsewhere
    on
        listed.employee_id = elsewhere.employee_id
        and listed.employer_id <> elsewhere.employer_id
inner join sync.ledger as held
    on
        elsewhere.person_id = held.person_id
        and held.vendor = getvariable('vendor')
        and held.state = 'active'
