-- grain: person_id, entity, entity_id, known_from_run
-- kind: inline
-- What was known of each person and employment, from which run until which run (null = still so).
select
    person_id,
    entity,
    entity_id,
    known_from_run,
    known_to_run,
    extracted_at,
    known_values,
from staging.people_input_versions
