-- grain: person_id, level, note
-- The note that may name Lunchdrive clients: in Loket an extra field named LDID.
with

ldid_values as (

    select
        custom_fields.person_id,
        custom_fields.employer_id,
        custom_fields.level,
        nullif(trim(nfc_normalize(custom_fields.typed_value)), '') as typed_value,
    from staging.people_input_custom_fields as custom_fields
    semi join staging.people_input_field_names as field_names
        on
            custom_fields.typed_name = field_names.typed_name
            and field_names.field_name = 'ldid'
    where custom_fields.known_to_run is null

)

select distinct
    person_id,
    employer_id,
    level,
    -- The field is named LDID, so its value is often just the number.
    case
        when contains(lower(typed_value), 'ldid') then typed_value
        else 'LDID: ' || typed_value
    end as note,
from ldid_values
where typed_value is not null
