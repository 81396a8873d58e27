-- grain: employer_id
-- For a source without filters that would hide people: no employer's scope ever changes.
select
    employer_id,
    null::varchar as changed_in_run,
from staging.people_input_employers
