-- grain: person_id, entity, entity_id, known_from_run
-- Every version of every person, employment and extra field, for the history.
with

known_employments as (

    select
        employer_id,
        employment_id,
        min(employee_id) as employee_id,
    from raw.loket__employments
    group by all

)

select
    person_id('loket', employer_id, employee_id) as person_id,
    'person' as entity,
    employee_id as entity_id,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
    _extracted_at as extracted_at,
    to_json({
        'first_name': first_name,
        'prefix': prefix,
        'last_name': last_name,
        'personal_number': employee_number,
        'business_email': business_email,
        'private_email': private_email,
        'birth_on': birth_on,
        'death_on': death_on
    }) as known_values,
from raw.loket__employees
union all
select
    person_id('loket', employer_id, employee_id) as person_id,
    'employment' as entity,
    employment_id as entity_id,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
    _extracted_at as extracted_at,
    to_json({
        'starts_on': starts_on,
        'ends_on': ends_on,
        'historical_starts_on': historical_starts_on
    }) as known_values,
from raw.loket__employments
union all
select
    person_id(
        'loket', custom_fields.employer_id,
        coalesce(custom_fields.employee_id, employments.employee_id)
    ) as person_id,
    custom_fields.level || '_field' as entity,
    custom_fields.value_id as entity_id,
    custom_fields.known_from_run,
    custom_fields.known_to_run,
    null::timestamptz as extracted_at,
    to_json({
        'field': custom_fields.typed_name,
        'value': custom_fields.typed_value
    }) as known_values,
from staging.stg_loket__custom_fields as custom_fields
left join known_employments as employments
    on
        custom_fields.employment_id = employments.employment_id
        and custom_fields.employer_id = employments.employer_id
