-- grain: person_id
-- Nobody is ended who is employed today and taking part.
select people.person_id
from people.people as people
semi join mart.alleo_employees as accounts
    on
        people.person_id = accounts.person_id
        and accounts.desired_state = 'ended'
where
    people.employment_status = 'employed'
    and people.access in ('yes', 'everybody')
