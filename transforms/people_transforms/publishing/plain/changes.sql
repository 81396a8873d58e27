-- What was changed, waits or was refused, field by field, on which day; one row per field.
with

fields as (

    select
        plan.*,
        runs.as_of as day,
        unnest(json_keys(plan.changes)) as field,
    from sync.plan as plan
    inner join sync.runs as runs
        on plan.run_id = runs.run_id
    where plan.operation in ('update', 'adopt', 'reactivate')

)

select
    fields.day,
    {person},
    {employer},
    {account},
    fields.field,
    json_extract_string(fields.changes, '$."' || fields.field || '"[0]') as before,
    json_extract_string(fields.changes, '$."' || fields.field || '"[1]') as after,
    coalesce(fields.outcome, 'not sent') as outcome,
    {reason},
    fields.person_id,
from fields
left join people.people as people
    on fields.person_id = people.person_id
left join people.employers as employers
    on fields.employer_id = employers.employer_id
left join sync.places as places
    on fields.account_key = places.account_key
left join sync.words as words
    on
        words.kind = if(fields.hold is null, 'reason', 'hold')
        and coalesce(fields.hold, fields.reason) = words.code
