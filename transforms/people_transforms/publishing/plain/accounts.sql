-- Every account as it is now, active or ended; one row per person and account. Day: since when it is so.
select
    coalesce(ledger.ended_on, runs.as_of) as day,
    {person},
    {employer},
    {account},
    {email},
    ledger.state = 'active' as is_active,
    ledger.spell_starts_on as first_day,
    ledger.ends_on as last_day,
    ledger.person_id,
from sync.ledger as ledger
left join sync.runs as runs
    on ledger.updated_run_id = runs.run_id
left join people.people as people
    on ledger.person_id = people.person_id
left join people.employers as employers
    on ledger.employer_id = employers.employer_id
left join sync.places as places
    on ledger.account_key = places.account_key
