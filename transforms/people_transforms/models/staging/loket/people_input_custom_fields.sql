-- grain: level, employer_id, person_id, typed_name, known_from_run
-- Filled-in extra fields of both levels with the person they belong to, all versions.
select
    custom_fields.level,
    custom_fields.employer_id,
    person_id(
        'loket', custom_fields.employer_id,
        coalesce(custom_fields.employee_id, employments.employee_id)
    ) as person_id,
    custom_fields.typed_name,
    custom_fields.typed_value,
    custom_fields.known_from_run,
    custom_fields.known_to_run,
from staging.stg_loket__custom_fields as custom_fields
left join staging.stg_loket__employments as employments
    on
        custom_fields.employment_id = employments.employment_id
        and custom_fields.employer_id = employments.employer_id
where coalesce(custom_fields.employee_id, employments.employee_id) is not null
