-- grain: employer_id
-- The employers that Loket lists today.
select
    employer_id,
    nullif(trim(
        nfc_normalize(company_name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as employer_name,
    employer_number,
from raw.loket__employers
where _valid_to_run is null
