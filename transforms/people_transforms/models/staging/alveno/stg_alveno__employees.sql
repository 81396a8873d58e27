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
    case
        when chip_numbers is null or json_type(chip_numbers) = 'NULL' then []::varchar[]
        when json_type(chip_numbers) in ('VARCHAR', 'UBIGINT') then [chip_numbers ->> '$']
        when json_type(chip_numbers) = 'ARRAY'
            then list_transform(
                chip_numbers ->> '$[*]',
                lambda chip: if(regexp_matches(chip, '^[{\[]'), chr(65533), chip)
            )
        -- What is neither text nor a whole number is no chip that anybody has read.
        else [chr(65533)]
    end as chip_numbers,
    is_active,
    is_disabled,
    starts_on,
from raw.alveno__employees
where _valid_to_run is null
