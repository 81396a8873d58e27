-- grain: person_id, code, typed_value
-- kind: view
-- What HR should mend about employments, and people of whom a record could not be read.
with

backwards as (

    select
        person_id,
        employer_id,
        'ends_before_start' as code,
        'ends_on' as field,
        ends_on::varchar as typed_value,
    from people.employments
    where is_backwards

),

death_to_come as (

    select
        people.person_id,
        people.employer_id,
        'death_in_future' as code,
        'death_on' as field,
        people.death_on::varchar as typed_value,
    from people.people as people
    cross join people.policy as policy
    where people.death_on > policy.as_of_on

),

by_status as (

    select
        person_id,
        employer_id,
        employment_status as code,
        'starts_on' as field,
        null as typed_value,
    from people.people
    where employment_status in ('no_employment', 'start_unknown')

),

vanished as (

    -- It matters where the others would end the account.
    select distinct
        people.person_id,
        people.employer_id,
        'employment_gone' as code,
        'ends_on' as field,
        null as typed_value,
    from people.people as people
    semi join people.vanished_employments as vanished
        on people.person_id = vanished.person_id
    where people.employment_status in ('employment_ended', 'between_employments')

),

unreadable as (

    select
        person_id,
        employer_id,
        'record_set_aside' as code,
        field,
        null as typed_value,
    from people.set_aside

)

select * from backwards
union all
select * from death_to_come
union all
select * from by_status
union all
select * from vanished
union all
select * from unreadable
