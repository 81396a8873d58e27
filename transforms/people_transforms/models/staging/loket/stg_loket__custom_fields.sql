-- grain: level, employer_id, value_id, known_from_run
-- Extra-field values of both levels, all versions. The bulk endpoint links them by employment, the
-- other one by person.
with

employee_level as (

    select
        'employee' as level,
        *,
    from raw.loket__employee_custom_fields

),

employment_level as (

    select
        'employment' as level,
        *,
    from raw.loket__employment_custom_fields

),

both_levels as (

    select * from employee_level
    union all
    select * from employment_level

)

select
    level,
    employer_id,
    value_id,
    employment_id,
    employee_id,
    custom_field_id,
    name as typed_name,
    value as typed_value,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
from both_levels
