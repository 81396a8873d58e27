-- grain: employer_id
-- The companies in our words.
select
    employer_id,
    seen(name) as employer_name,
from raw.example__employers
where _valid_to_run is null
