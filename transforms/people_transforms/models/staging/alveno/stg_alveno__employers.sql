-- grain: employer_id
-- The Alveno account.
select
    employer_id,
    seen(name) as employer_name,
from raw.alveno__employers
where _valid_to_run is null
