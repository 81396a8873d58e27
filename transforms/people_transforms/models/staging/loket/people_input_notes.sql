-- grain: person_id, level, note
-- The note that may name Lunchdrive clients: in Loket an extra field named LDID.
with

ldid_values as (

    select
        custom_fields.level,
        custom_fields.employer_id,
        custom_fields.employee_id,
        custom_fields.employment_id,
        seen(custom_fields.typed_value) as typed_value,
    from staging.stg_loket__custom_fields as custom_fields
    semi join staging.people_input_field_names as field_names
        on
            custom_fields.typed_name = field_names.typed_name
            and field_names.field_name = 'ldid'
    where custom_fields.known_to_run is null

),

-- The few values that are an LDID are looked up here; all of them would be five times as many.
owned as (

    select
        ldid_values.*,
        coalesce(ldid_values.employee_id, employments.employee_id) as owner_id,
    from ldid_values
    left join staging.stg_loket__employments as employments
        on
            ldid_values.employment_id = employments.employment_id
            and ldid_values.employer_id = employments.employer_id

)

select distinct
    person_id('loket', employer_id, owner_id) as person_id,
    employer_id,
    level,
    -- The field is named LDID, so its value is often just the number.
    case
        when contains(lower(typed_value), 'ldid') then typed_value
        else 'LDID: ' || typed_value
    end as note,
from owned
where
    typed_value is not null
    and owner_id is not null
