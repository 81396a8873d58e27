-- grain: person_id, account_key
-- kind: view
-- Active accounts at a house that the settings no longer name.
select
    ledger.person_id,
    ledger.account_key,
    ledger.employer_id,
from sync.ledger as ledger
cross join people.policy as policy
where
    ledger.vendor = policy.vendor
    and ledger.state = 'active'
    and ledger.account_key not in (select places.account_key from mart.allowed_places as places)
