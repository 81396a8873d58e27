-- grain: person_id, level, note
-- The note that may name Lunchdrive clients: in Loket an extra field named LDID.
select distinct
    person_id,
    employer_id,
    level,
    -- The field is named LDID, so its value is often just the number.
    case
        when contains(lower(typed_value), 'ldid') then typed_value
        else 'LDID: ' || typed_value
    end as note,
from staging.people_input_custom_fields
where
    field_name = 'ldid'
    and known_to_run is null
    and typed_value is not null
