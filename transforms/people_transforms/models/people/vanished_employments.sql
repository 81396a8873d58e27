-- grain: person_id, employment_id
-- Employments that would count today or later and that HR's whole list no longer has, while nothing
-- was said anew of the person's others: a record that is gone says no last day.
with

former as (

    select
        earlier.person_id,
        min(earlier.employer_id) as employer_id,
        earlier.employment_id,
        max(earlier.known_to_run) as gone_in_run,
        arg_max(earlier.starts_on, earlier.known_to_run) as starts_on,
        arg_max(
            coalesce(earlier.ends_on, date '9999-12-31'), earlier.known_to_run
        ) as ends_on,
    from staging.people_input_former_employments as earlier
    anti join people.employments as listed
        on
            earlier.person_id = listed.person_id
            and earlier.employment_id = listed.employment_id
    group by
        earlier.person_id,
        earlier.employment_id

),

last_said as (

    select
        listed.person_id,
        max(listed.known_from_run) as said_in_run,
    from people.employments as listed
    semi join former
        on listed.person_id = former.person_id
    group by listed.person_id

)

select
    former.person_id,
    former.employer_id,
    former.employment_id,
    former.gone_in_run,
    former.starts_on,
from former
cross join people.policy as policy
inner join last_said
    on former.person_id = last_said.person_id
left join sync.runs as gone_run
    on former.gone_in_run = gone_run.run_id
where
    former.ends_on >= policy.as_of_on - policy.days_after_end
    -- A contract to come that is taken back leaves the last day of the one before it.
    and coalesce(former.starts_on <= coalesce(gone_run.as_of, policy.as_of_on), true)
    and former.gone_in_run > last_said.said_in_run
