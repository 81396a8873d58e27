-- grain: person_id
-- People in our words. Loket knows no chips.
select
    person_id,
    employer_id,
    employee_id,
    employee_number as personal_number,
    first_name,
    initials,
    prefix,
    last_name,
    business_email,
    private_email,
    birth_on,
    death_on,
    []::varchar[] as chip_numbers,
from staging.stg_loket__employees
