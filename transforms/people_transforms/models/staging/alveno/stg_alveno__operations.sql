-- grain: employer_id, operation_id
-- The operations (provozy) people are sorted into.
select
    employer_id,
    operation_id,
    seen(name) as operation_name,
    coalesce(is_disabled, false) as is_disabled,
from raw.alveno__operations
where _valid_to_run is null
