-- grain: employer_id, account_key
-- The companies that the settings name, with the employer each is for: nothing else is written to.
select
    employer_id,
    company_id as account_key,
from mart.alleo_companies
