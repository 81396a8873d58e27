-- grain: person_id
-- People in our words. Alveno knows one e-mail address, no birth date and no voorzetsel.
select
    person_id,
    employer_id,
    employee_id,
    personal_number,
    first_name,
    null::varchar as initials,
    null::varchar as prefix,
    last_name,
    email as business_email,
    null::varchar as private_email,
    null::date as birth_on,
    null::date as death_on,
    chip_numbers,
from staging.stg_alveno__employees
