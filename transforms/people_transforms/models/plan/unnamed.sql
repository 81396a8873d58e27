-- grain: person_id, account_key
-- Accounts of the ledger that the mart does not name.
select
    held.person_id,
    held.account_key,
from sync.ledger as held
left join plan.wanted as wanted
    on held.person_id = wanted.person_id and held.account_key = wanted.account_key
where held.vendor = getvariable('vendor') and wanted.person_id is null
