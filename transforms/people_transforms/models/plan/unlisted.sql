-- grain: person_id, account_key
-- Accounts of people whom the mart no longer has.
select held.*
from sync.ledger as held
inner join plan.unnamed as unnamed
    on held.person_id = unnamed.person_id and held.account_key = unnamed.account_key
where
    held.vendor = getvariable('vendor')
    and held.person_id not in (select wanted.person_id from plan.wanted as wanted)
