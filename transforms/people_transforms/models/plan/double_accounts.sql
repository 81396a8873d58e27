-- grain: person_id, account_key
-- People of whom a place has several accounts with their external id.
select
    held.person_id,
    held.account_key,
    any_value(held.employer_id) as employer_id,
    bool_and(found.is_active) as is_active,
    count(*) as copies,
from sync.ledger as held
inner join plan.vendor_accounts as found
    on held.account_key = found.account_key and held.external_id = found.external_id
where held.vendor = getvariable('vendor')
group by held.person_id, held.account_key
having count(*) > 1
