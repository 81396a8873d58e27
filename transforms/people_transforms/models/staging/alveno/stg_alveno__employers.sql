-- grain: employer_id
-- The Alveno account.
select
    employer_id,
    nullif(trim(
        nfc_normalize(name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as employer_name,
from raw.alveno__employers
where _valid_to_run is null
