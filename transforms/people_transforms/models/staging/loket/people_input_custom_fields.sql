-- grain: level, employer_id, value_id, known_from_run
-- Filled-in extra fields that a rule reads, with the person they belong to: the current version
-- and the one that this run replaced.
with

spellings as materialized (

    -- Names repeat for everybody, so each spelling is folded once.
    select distinct typed_name
    from staging.stg_loket__custom_fields

),

field_names as (

    select
        typed_name,
        lower(nullif(trim(
            nfc_normalize(typed_name),
            ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
        ), '')) as field_name,
    from spellings

),

read_by_a_rule as (

    select *
    from field_names
    where
        field_name = 'ldid'
        or field_name like '%access%'
        or field_name like 'alleo%'

),

matching_values as (

    select
        custom_fields.level,
        custom_fields.employer_id,
        custom_fields.value_id,
        custom_fields.employment_id,
        custom_fields.employee_id,
        custom_fields.typed_name,
        read_by_a_rule.field_name,
        custom_fields.typed_value,
        custom_fields.known_from_run,
        custom_fields.known_to_run,
    from staging.stg_loket__custom_fields as custom_fields
    inner join read_by_a_rule
        on custom_fields.typed_name = read_by_a_rule.typed_name
    where
        custom_fields.known_to_run is null
        or custom_fields.known_to_run = getvariable('run_id')

)

select
    matching_values.level,
    matching_values.employer_id,
    matching_values.value_id,
    'loket:' || matching_values.employer_id || ':'
    || coalesce(matching_values.employee_id, employments.employee_id) as person_id,
    matching_values.field_name,
    matching_values.typed_name,
    nullif(trim(
        nfc_normalize(matching_values.typed_value),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as typed_value,
    matching_values.known_from_run,
    matching_values.known_to_run,
from matching_values
left join staging.stg_loket__employments as employments
    on
        matching_values.employment_id = employments.employment_id
        and matching_values.employer_id = employments.employer_id
where coalesce(matching_values.employee_id, employments.employee_id) is not null
