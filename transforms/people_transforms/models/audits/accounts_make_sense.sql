-- grain: person_id, account_key
-- Only an active row names an account, and only an ended row says how somebody leaves.
select
    person_id,
    account_key,
from mart.accounts
where
    desired_state not in ('active', 'update_only', 'untouched', 'ended')
    or (desired_state = 'active') <> (account_key <> '*')
    or (desired_state = 'ended') <> (leaving_kind is not null)
    or account_key is null
    or payload_hash is null
    or external_id is null
