-- grain: person_id, account_key
-- A person has one row per account.
select
    person_id,
    account_key,
from mart.accounts
group by all
having count(*) > 1
