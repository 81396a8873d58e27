-- grain: person_id, code, field, typed_value
-- kind: view
-- Chips, e-mail addresses and personal numbers that two people share, or that cannot be used.
with

shared as (

    select distinct
        person_id,
        employer_id,
        case field
            when 'chip_number' then 'chip_shared'
            when 'email' then 'email_shared'
            else 'personal_number_shared'
        end as code,
        'warning' as severity,
        field,
        value as typed_value,
    from mart.lunchdrive_conflicts

),

almost_equal_numbers as (

    -- 12 and 0012 are two people here, and often one in somebody's spreadsheet.
    select
        employer_id,
        ltrim(personal_number, '0') as bare_number,
    from people.people
    where personal_number is not null
    group by all
    having min(personal_number) <> max(personal_number)

),

zeros as (

    select
        people.person_id,
        people.employer_id,
        'personal_number_zeros' as code,
        'warning' as severity,
        'personal_number' as field,
        people.personal_number as typed_value,
    from people.people as people
    inner join almost_equal_numbers
        on
            people.employer_id = almost_equal_numbers.employer_id
            and ltrim(people.personal_number, '0') = almost_equal_numbers.bare_number

),

chips as (

    select
        person_id,
        employer_id,
        if(chip_number is null, 'chip_unreadable', 'chip_several') as code,
        if(chip_number is null, 'warning', 'info') as severity,
        'chip_number' as field,
        typed_chip as typed_value,
    from mart.lunchdrive_chips
    where
        chip_number is null
        or chip_count > 1

)

select * from shared
union all
select * from zeros
union all
select * from chips
