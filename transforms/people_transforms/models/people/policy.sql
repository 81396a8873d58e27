-- grain: one row
-- The settings that decide who takes part, as this run read them.
with

settings as (

    select getvariable('settings')::json as value

)

select
    getvariable('as_of')::date as as_of_on,
    getvariable('vendor')::varchar as vendor,
    coalesce(lower(plain(coalesce(
        value ->> '$.selective_sync.field',
        getvariable('vendor') || '_access'
    ))), '') as access_field,
    coalesce(
        list_transform(value ->> '$.selective_sync.aliases[*]', lambda alias: lower(plain(alias))),
        []
    ) as access_aliases,
    coalesce(
        json_type(value, '$.selective_sync') = 'OBJECT'
        and trim(coalesce(value ->> '$.selective_sync.field', 'default')) <> '', false
    ) as is_selective_by_setting,
    coalesce(value ->> '$.selective_sync.when_not_said', 'exclude') as when_not_said,
    coalesce(value ->> '$.excluded_people[*]', []) as excluded_people,
    coalesce(try_cast(value ->> '$.days_before_start' as integer), 0) as days_before_start,
    coalesce(try_cast(value ->> '$.days_after_end' as integer), 0) as days_after_end,
    coalesce(try_cast(value ->> '$.bridge_gap_days' as integer), 7) as bridge_gap_days,
from settings
