-- Who leaves in the next 30 days, as the latest accepted run knew it.
select
    ledger.ends_on,
    ledger.account_key,
    ledger.person_id,
    people.employer_id,
from sync.ledger as ledger
left join people.people as people
    on ledger.person_id = people.person_id
where
    ledger.state = 'active'
    and ledger.ends_on >= (select max(as_of) from sync.runs)
    and ledger.ends_on <= (select max(as_of) from sync.runs) + interval 30 day
order by all
