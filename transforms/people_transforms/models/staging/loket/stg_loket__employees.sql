-- grain: employer_id, employee_id
-- The people that Loket lists today; typed text without surrounding blanks, in NFC.
with

judged as (

    select
        *,
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279) as blanks,
        -- Nearly every record is typed clean; only the others are worth the trimming.
        not regexp_matches(
            concat_ws(
                chr(31), employee_number, first_name, initials, prefix, last_name,
                business_email, private_email
            ),
            '(^|\x{1f})([\s\pZ\x{200b}\x{feff}\x{1f}]|$)'
            || '|[\s\pZ\x{200b}\x{feff}](\x{1f}|$)|[\x{300}-\x{36f}]'
        ) as is_clean,
    from raw.loket__employees
    where _valid_to_run is null

)

select
    employer_id,
    employee_id,
    'loket:' || employer_id || ':' || employee_id as person_id,
    if(is_clean, employee_number, nullif(trim(nfc_normalize(employee_number), blanks), ''))
        as employee_number,
    if(is_clean, first_name, nullif(trim(nfc_normalize(first_name), blanks), '')) as first_name,
    if(is_clean, initials, nullif(trim(nfc_normalize(initials), blanks), '')) as initials,
    if(is_clean, prefix, nullif(trim(nfc_normalize(prefix), blanks), '')) as prefix,
    if(is_clean, last_name, nullif(trim(nfc_normalize(last_name), blanks), '')) as last_name,
    birth_on,
    death_on,
    if(is_clean, business_email, nullif(trim(nfc_normalize(business_email), blanks), ''))
        as business_email,
    if(is_clean, private_email, nullif(trim(nfc_normalize(private_email), blanks), ''))
        as private_email,
from judged
