-- grain: employer_id, employee_id
-- The people that Alveno lists today; typed text without what can't be seen around it.
select
    employer_id,
    employee_id,
    person_id('alveno', employer_id, employee_id) as person_id,
    plain(personal_number) as personal_number,
    seen(first_name) as first_name,
    seen(last_name) as last_name,
    plain(email) as email,
    nullif(nfc_normalize(note), '') as note,
    case json_type(chip_numbers)
        when 'ARRAY' then chip_numbers ->> '$[*]'
        when 'VARCHAR' then [chip_numbers ->> '$']
        when 'UBIGINT' then [chip_numbers ->> '$']
        else []::varchar[]
    end as chip_numbers,
    is_active,
    is_disabled,
    starts_on,
from raw.alveno__employees
where _valid_to_run is null
