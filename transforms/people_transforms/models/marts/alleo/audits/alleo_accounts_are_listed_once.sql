-- grain: person_id, account_key
-- A person has one row per account.
select
    person_id,
    account_key,
from mart.alleo_employees
group by all
having count(*) > 1
