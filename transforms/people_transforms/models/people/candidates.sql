-- grain: person_id
-- kind: view
-- Everybody, with the first thing that stands in the way of an account at any platform.
-- A mart puts rungs of its own between these four: 1 the person is not known whole, 2 the settings
-- leave the person out, 3 HR's records say no or not yet, 4 the name is missing.
with

hindered as (

    select
        people.*,
        case
            when people.employment_status = 'set_aside' then 'record_set_aside'
            when people.employment_status = 'employer_gone' then 'employer_gone'
            when people.access = 'excluded_by_setting' then 'excluded_by_setting'
            when
                people.employment_status in (
                    'deceased', 'employment_ended', 'between_employments'
                )
                then people.employment_status
            when people.access = 'no' then 'access_off'
            when people.access = 'not_said' and policy.when_not_said = 'exclude'
                then 'access_not_said'
            when people.access in ('not_read', 'not_understood', 'contradictory')
                then 'access_' || people.access
            when people.employment_status <> 'employed' then people.employment_status
            when people.first_name is null or people.last_name is null then 'name_missing'
        end as people_obstacle,
    from people.people as people
    cross join people.policy as policy

)

select
    *,
    -- Where HR's records are missing, contradict each other or speak of later, what an account was
    -- told of its days stays.
    employment_status <> 'starts_later' and not lacks_days as knows_days,
    case
        when people_obstacle in ('record_set_aside', 'employer_gone') then 1
        when people_obstacle = 'excluded_by_setting' then 2
        when people_obstacle = 'name_missing' then 4
        when people_obstacle is not null then 3
    end as rung,
from hindered
