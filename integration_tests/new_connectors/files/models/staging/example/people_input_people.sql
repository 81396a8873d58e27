-- grain: person_id
-- The people in our words; this HR system knows names and badges.
select
    person_id('example', employer_id, employee_id) as person_id,
    employer_id,
    employee_id,
    null::varchar as personal_number,
    seen(first_name) as first_name,
    null::varchar as initials,
    null::varchar as prefix,
    seen(last_name) as last_name,
    null::varchar as business_email,
    null::varchar as private_email,
    null::date as birth_on,
    null::date as death_on,
    if(plain(badge) is null, []::varchar[], [plain(badge)]) as chip_numbers,
from raw.example__employees
where _valid_to_run is null
