-- grain: one row
-- How many active accounts of the ledger the lists have under their ids, each with our id or with
-- something else that tells the person: another platform has others, or none.
with

listed as (

    select
        held.external_id,
        held.fields,
        found.account_id as found_id,
        found.external_id as found_external_id,
        found.fields as found_fields,
        flatten(policy.telling) as telling_fields,
    from sync.ledger as held
    cross join plan.policy as policy
    left join plan.vendor_accounts as found
        on held.account_key = found.account_key and held.account_id = found.account_id
    where held.vendor = getvariable('vendor') and held.state = 'active'

)

select
    count(*) as known,
    count(found_id) filter (
        where
        external_id = found_external_id
        or len(telling_fields) = 0
        or list_bool_or(list_transform(
            telling_fields,
            lambda field: coalesce(
                folded(fields ->> ('$.' || field)) = folded(found_fields ->> ('$.' || field)), false
            )
        ))
    ) as there,
from listed
