-- grain: one row
-- The settings that decide who takes part, as this run read them, and the nights it compares.
with

settings as (

    select getvariable('settings')::json as value

),

tonight as (

    select coalesce(max(coalesce(night_on, as_of)), getvariable('as_of')) as night_on
    from sync.runs
    where run_id = getvariable('run_id')

),

night_before as (

    select max(runs.run_id) as run_id
    from sync.runs as runs
    cross join tonight
    where
        runs.accepted_on is not null
        and coalesce(runs.night_on, runs.as_of) < tonight.night_on

)

select
    getvariable('as_of')::date as as_of_on,
    (select night_before.run_id from night_before) as night_before_run,
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
