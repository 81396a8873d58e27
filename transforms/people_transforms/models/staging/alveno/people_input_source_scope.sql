-- grain: employer_id
-- Alveno stores no filters that would hide people: no employer's scope ever changes.
select
    employer_id,
    null::varchar as changed_in_run,
from staging.stg_alveno__employers
