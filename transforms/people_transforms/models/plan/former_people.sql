-- grain: person_id
-- Who has an account, and no record or none that goes on.
select
    known.*,
    listed.person_id is not null as is_listed,
from sync.identities as known
left join people.people as listed on known.person_id = listed.person_id
where
    listed.person_id is null
    or listed.employment_status in ('employment_ended', 'no_employment', 'employer_gone')
