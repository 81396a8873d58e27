-- grain: account_key, external_id
-- Active accounts that a lost store leaves and of which HR no longer lists the person. Nobody knows
-- whose they were, so they can't be counted as absent and are never ended.
select distinct
    found.account_key,
    found.external_id,
from plan.vendor_accounts as found
cross join plan.rebuilt as rebuilt
left join plan.wanted as wanted on found.external_id = wanted.external_id
where
    rebuilt.is_rebuilt
    and found.is_active
    and found.external_id <> ''
    and wanted.external_id is null
