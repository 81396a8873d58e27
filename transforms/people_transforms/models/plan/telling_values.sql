-- grain: person_id, is_former, kind, value
-- kind: view
-- What tells people apart, one row a value: of former people and of newcomers.
with

people as (

    select
        person_id,
        true as is_former,
        first_name || ' ' || last_name as name,
        personal_number,
        emails,
        chip_numbers,
    from plan.former_people
    union all
    select
        person_id,
        false as is_former,
        first_name || ' ' || last_name as name,
        personal_number,
        emails,
        chip_numbers,
    from plan.newcomers

)

select
    person_id,
    is_former,
    'name' as kind,
    name as value,
from people
union all
select
    person_id,
    is_former,
    'number' as kind,
    personal_number as value,
from people
union all
select
    person_id,
    is_former,
    'email' as kind,
    unnest(emails) as value,
from people
union all
select
    person_id,
    is_former,
    'chip' as kind,
    unnest(chip_numbers) as value,
from people
