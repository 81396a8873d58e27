-- grain: person_id
-- Nobody who is employed, or in a bridged gap, is ended, unless the note says 0 or names no client.
select people.person_id
from people.people as people
semi join mart.lunchdrive_diners as accounts
    on
        people.person_id = accounts.person_id
        and accounts.desired_state = 'ended'
        and accounts.leaving_kind = 'ended'
where people.employment_status in ('employed', 'gap_bridged')
