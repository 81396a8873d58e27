-- grain: person_id, level, note
-- kind: inline
-- The notes that may name clients; only level `employee` has a say.
select
    person_id,
    employer_id,
    level,
    note,
from staging.people_input_notes
