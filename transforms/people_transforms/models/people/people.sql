-- grain: person_id
-- Everybody the source lists today: who they are, if they are employed, if they take part.
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
        when people.death_on is not null then 'deceased'
        when totals.person_id is null then 'no_employment'
        when totals.current_count > 0 then 'employed'
        when totals.has_unknown then 'start_unknown'
        when totals.has_past and totals.has_future then 'between_employments'
        when totals.has_past then 'employment_ended'
        else 'starts_later'
    end as employment_status,
    coalesce(
        spells.spell_starts_on,
        totals.current_starts_on,
        totals.past_starts_on,
        totals.future_starts_on
    ) as spell_starts_on,
    coalesce(totals.current_starts_on, totals.past_starts_on, totals.future_starts_on) as starts_on,
    case
        when totals.current_count = 0 then totals.past_ends_on
        when spells.person_id is not null then spells.spell_ends_on
        when not totals.current_is_open then totals.current_ends_on
    end as ends_on,
    case
        when totals.current_count = 0 then totals.past_ends_on
        when not totals.current_is_open then totals.current_ends_on
    end as valid_to_on,
    totals.joined_on,
    case
        when list_contains(policy.excluded_people, people.person_id) then 'excluded_by_setting'
        when list_contains(policy.excluded_people, people.employee_id) then 'excluded_by_setting'
        when employers.is_selective then coalesce(access.verdict, 'not_said')
        else 'everybody'
    end as access,
from staging.people_input_people as people
cross join people.policy as policy
left join people.employers as employers
    on people.employer_id = employers.employer_id
left join people.employment_totals as totals
    on people.person_id = totals.person_id
left join people.linked_spells as spells
    on
        people.person_id = spells.person_id
        and coalesce(totals.current_starts_on, totals.past_starts_on, totals.future_starts_on)
        between spells.spell_starts_on and coalesce(spells.spell_ends_on, date '9999-12-31')
left join people.access as access
    on people.person_id = access.person_id
left join people.set_aside as set_aside
    on people.person_id = set_aside.person_id
