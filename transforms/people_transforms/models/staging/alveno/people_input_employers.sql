-- grain: employer_id
-- Employers in our words.
select
    employer_id,
    employer_name,
from staging.stg_alveno__employers
