-- grain: person_id
-- kind: view
-- Everybody in the canteen's terms; beside what stands in the way everywhere a guest needs a badge.
select
    people.*,
    people.chip_numbers[1] as badge,
    getvariable('settings')::json ->> '$.house_id' as house_id,
    case
        when people.rung <= 3 then people.people_obstacle
        when len(people.chip_numbers) = 0 then 'badge_missing'
        else people.people_obstacle
    end as obstacle,
from people.candidates as people
