-- grain: account_key
-- Places whose list lacks most of the accounts that are known there: no evidence that these, or
-- others, are not there. Fewer than three known accounts tell nothing of a list.
select
    held.account_key,
    count(*) as known,
    count(found.account_id) as there,
from sync.ledger as held
inner join plan.read_places as places on held.account_key = places.account_key
left join plan.vendor_accounts as found
    on held.account_key = found.account_key and held.account_id = found.account_id
where held.vendor = getvariable('vendor') and held.state = 'active'
group by held.account_key
having count(*) >= 3 and 2 * count(found.account_id) < count(*)
