-- grain: person_id, account_key
-- Nothing is written to a client that is not in the settings or not visible to the key.
select
    accounts.person_id,
    accounts.account_key,
from mart.lunchdrive_diners as accounts
cross join mart.lunchdrive_policy as policy
where
    accounts.account_key <> '*'
    and not policy.is_any_client
    and not list_contains(policy.client_ids, accounts.account_key)
    and accounts.account_key is distinct from policy.default_client_id
