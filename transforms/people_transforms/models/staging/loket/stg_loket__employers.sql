-- grain: employer_id
-- The employers that Loket lists today.
select
    employer_id,
    seen(company_name) as employer_name,
    employer_number,
from raw.loket__employers
where _valid_to_run is null
