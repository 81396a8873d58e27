-- grain: one row
-- Lunchdrive's settings as this run read them, with the clients this connection may write to.
with

settings as (

    select getvariable('settings')::json as value

),

parsed as (

    select
        coalesce(value ->> '$.mode', 'single') as mode,
        nullif(trim(value ->> '$.client_id'), '') as client_id,
        nullif(trim(value ->> '$.default_client_id'), '') as default_client_id,
        coalesce(value ->> '$.allowed_client_ids[*]', []) as allowed_client_ids,
        coalesce(getvariable('known_account_keys')::varchar[], []) as known_client_ids,
        coalesce(value ->> '$.missing_email', 'create_without') as missing_email,
        coalesce(value ->> '$.on_ldid_zero', 'leave') as on_ldid_zero,
        coalesce(value ->> '$.chip_transform', 'none') as chip_transform,
        coalesce(value ->> '$.personal_number_prefix', '') as personal_number_prefix,
    from settings

)

select
    * exclude (allowed_client_ids, known_client_ids),
    case
        when mode = 'single' then [client_id]
        when len(allowed_client_ids) = 0 then known_client_ids
        when len(known_client_ids) = 0 then allowed_client_ids
        -- In the order of the settings: the first one is what a finding suggests.
        else list_filter(
            allowed_client_ids, lambda id: list_contains(known_client_ids, id)
        )
    end as client_ids,
    -- Without any list of clients, every number in a note must be taken for one.
    mode = 'group' and len(allowed_client_ids) + len(known_client_ids) = 0 as is_any_client,
from parsed
