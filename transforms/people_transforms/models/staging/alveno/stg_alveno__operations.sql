-- grain: employer_id, operation_id
-- The operations (provozy) people are sorted into.
select
    employer_id,
    operation_id,
    nullif(trim(
        nfc_normalize(name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as operation_name,
    coalesce(is_disabled, false) as is_disabled,
from raw.alveno__operations
where _valid_to_run is null
