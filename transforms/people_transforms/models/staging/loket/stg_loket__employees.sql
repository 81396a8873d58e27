-- grain: employer_id, employee_id
-- The people that Loket lists today; typed text without surrounding blanks, in NFC.
select
    employer_id,
    employee_id,
    'loket:' || employer_id || ':' || employee_id as person_id,
    nullif(trim(
        nfc_normalize(employee_number),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as employee_number,
    nullif(trim(
        nfc_normalize(first_name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as first_name,
    nullif(trim(
        nfc_normalize(initials),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as initials,
    nullif(trim(
        nfc_normalize(prefix),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as prefix,
    nullif(trim(
        nfc_normalize(last_name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as last_name,
    birth_on,
    death_on,
    nullif(trim(
        nfc_normalize(business_email),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as business_email,
    nullif(trim(
        nfc_normalize(private_email),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '') as private_email,
from raw.loket__employees
where _valid_to_run is null
