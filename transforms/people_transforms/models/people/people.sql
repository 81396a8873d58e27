-- grain: person_id
-- Everybody the source lists today: who they are, if they are employed, if they take part.
with

vanished as (

    select distinct person_id
    from people.vanished_employments

)

select
    people.person_id,
    people.employer_id,
    people.employee_id,
    people.personal_number,
    coalesce(people.first_name, people.initials) as first_name,
    people.prefix,
    people.last_name,
    people.business_email,
    people.private_email,
    people.birth_on,
    people.death_on,
    people.chip_numbers,
    case
        when set_aside.person_id is not null then 'set_aside'
        when employers.employer_id is null then 'employer_gone'
        when people.death_on <= policy.as_of_on then 'deceased'
        else coalesce(states.employment_state, 'no_employment')
    end as employment_status,
    -- Whose record is worth mending.
    employment_status in (
        'employed', 'starts_later', 'start_unknown', 'ends_before_start'
    ) as is_staff,
    states.spell_starts_on,
    states.unbroken_since_on,
    states.starts_on,
    states.ends_on,
    states.joined_on,
    coalesce(states.lacks_days, true) or vanished.person_id is not null as lacks_days,
    case
        when list_contains(policy.excluded_people, people.person_id) then 'excluded_by_setting'
        when list_contains(policy.excluded_people, people.employee_id) then 'excluded_by_setting'
        when not employers.is_selective then 'everybody'
        when access.verdict is not null then access.verdict
        -- Who said nothing is known only where the field and its values were read.
        when
            employers.is_access_field_gone or coalesce(access_evidence.verdict, 'whole') <> 'whole'
            then 'not_read'
        else 'not_said'
    end as access,
from staging.people_input_people as people
cross join people.policy as policy
left join people.employers as employers
    on people.employer_id = employers.employer_id
left join people.employment_states as states
    on people.person_id = states.person_id
left join vanished
    on people.person_id = vanished.person_id
left join people.access as access
    on people.person_id = access.person_id
left join people.evidence as access_evidence
    on
        people.employer_id = access_evidence.employer_id
        and access_evidence.fact = 'access'
left join people.set_aside as set_aside
    on people.person_id = set_aside.person_id
