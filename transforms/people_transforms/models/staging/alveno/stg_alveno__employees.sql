-- grain: employer_id, employee_id
-- The people that Alveno lists today; typed text without surrounding blanks, in NFC.
with

judged as (

    select
        *,
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279) as blanks,
        -- Nearly every record is typed clean; only the others are worth the trimming.
        not regexp_matches(
            concat_ws(chr(31), personal_number, first_name, last_name, email),
            '(^|\x{1f})([\s\pZ\x{200b}\x{feff}\x{1f}]|$)'
            || '|[\s\pZ\x{200b}\x{feff}](\x{1f}|$)|[\x{300}-\x{36f}]'
        ) as is_clean,
    from raw.alveno__employees
    where _valid_to_run is null

)

select
    employer_id,
    employee_id,
    'alveno:' || employer_id || ':' || employee_id as person_id,
    if(is_clean, personal_number, nullif(trim(nfc_normalize(personal_number), blanks), ''))
        as personal_number,
    if(is_clean, first_name, nullif(trim(nfc_normalize(first_name), blanks), '')) as first_name,
    if(is_clean, last_name, nullif(trim(nfc_normalize(last_name), blanks), '')) as last_name,
    if(is_clean, email, nullif(trim(nfc_normalize(email), blanks), '')) as email,
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
from judged
