-- grain: employer_id, account_key
-- The clients that the settings name (* = any that the key sees), whoever the employer is.
with

clients as (

    select
        unnest(case
            when is_any_client then ['*']
            else list_append(client_ids, default_client_id)
        end) as client_id,
    from mart.lunchdrive_policy

)

select distinct
    null::varchar as employer_id,
    client_id as account_key,
from clients
where client_id is not null
