-- grain: person_id
-- Nobody is a guest whose employment has ended, has not begun, or is not known.
select people.person_id
from people.people as people
semi join mart.example_guests as accounts
    on
        people.person_id = accounts.person_id
        and accounts.desired_state = 'active'
where people.employment_status <> 'employed'
