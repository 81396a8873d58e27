-- grain: person_id
-- kind: view
-- The clients each person belongs to, and the reason where it is none or not sure.
with

reasoned as (

    select
        *,
        case
            when obstacle is not null then obstacle
            when len(target_ids) > 0 and len(target_ids) = named_count then 'assigned'
            when mode = 'single' and len(target_ids) > 0 then 'assigned'
            when len(target_ids) > 0 then 'assigned_in_part'
            when mode = 'single' and named_count > 0 then 'ldid_other_client'
            when mode = 'single' then 'only_client'
            when named_count > 0 then 'ldid_unknown_client'
            when route_kind = 'near_miss' then 'ldid_near_miss'
            when default_client_id is not null then 'default_client'
            else 'ldid_missing'
        end as routing_reason,
    from mart.lunchdrive_candidates

)

select
    *,
    case routing_reason
        when 'assigned' then target_ids
        -- Nothing that the person has elsewhere is ended because of a number nobody knows.
        when 'assigned_in_part' then list_append(target_ids, '*')
        when 'only_client' then [client_id]
        when 'default_client' then [default_client_id]
        else ['*']
    end as account_keys,
from reasoned
