-- grain: person_id
-- Nobody is ended who is taking part and employed today, or in a gap that is bridged.
select people.person_id
from people.people as people
semi join mart.alleo_employees as accounts
    on
        people.person_id = accounts.person_id
        and accounts.desired_state = 'ended'
where
    people.employment_status in ('employed', 'gap_bridged')
    and people.access in ('yes', 'everybody')
