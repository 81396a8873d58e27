-- grain: person_id
-- Nobody is active whose employment has ended, has not begun, or is not known.
select people.person_id
from people.people as people
semi join mart.accounts as accounts
    on
        people.person_id = accounts.person_id
        and accounts.desired_state = 'active'
where people.employment_status <> 'employed'
