-- grain: person_id, field
-- kind: view
-- Signs in chips and client numbers that nobody can see; quoted is what stands before them.
with

typed as (

    select
        person_id,
        'chip_number' as field,
        before_hidden(typed_chip) as typed_value,
    from mart.lunchdrive_chips
    where before_hidden(typed_chip) is not null
    union all
    select
        person_id,
        'note' as field,
        regexp_extract(problem_line, '^[^\x{fffd}\pL]*') as typed_value,
    from mart.ldid_routes
    where problem = 'hidden'

)

select
    people.person_id,
    people.employer_id,
    'hidden_character' as code,
    'warning' as severity,
    typed.field,
    typed.typed_value,
from typed
inner join people.people as people
    on
        typed.person_id = people.person_id
        and people.is_staff
