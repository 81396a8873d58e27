-- grain: level, employer_id, value_id
-- kind: view
-- Filled-in extra fields that a rule reads; only level `employee` has a say.
select
    level,
    employer_id,
    value_id,
    person_id,
    field_name,
    typed_value,
    known_from_run,
    is_access,
from people.custom_field_values
where is_current
