-- grain: level, employer_id, value_id, known_from_run
-- kind: view
-- Extra-field values that this run replaced or no longer found: the "before" of a change.
select
    level,
    employer_id,
    value_id,
    person_id,
    field_name,
    typed_value,
    known_from_run,
from staging.people_input_custom_fields
where known_to_run is not null
