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
from people.custom_field_values
where not is_current
