-- grain: employer_id, employee_id
-- The people that Alveno lists today; typed text without surrounding blanks, in NFC.
select
    employer_id,
    employee_id,
    'alveno:' || employer_id || ':' || employee_id as person_id,
    nullif(trim(
        nfc_normalize(personal_number),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as personal_number,
    nullif(trim(
        nfc_normalize(first_name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as first_name,
    nullif(trim(
        nfc_normalize(last_name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as last_name,
    nullif(trim(
        nfc_normalize(email),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as email,
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
