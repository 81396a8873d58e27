-- grain: person_id
-- kind: view
-- The chip of each person that has one: the first of the list, written as the readers need it.
with

listed as (

    select
        person_id,
        employer_id,
        list_filter(
            list_transform(chip_numbers, lambda chip: trim(chip)), lambda chip: chip <> ''
        ) as chips,
    from people.people
    where len(chip_numbers) > 0

),

firsts as (

    select
        listed.person_id,
        listed.employer_id,
        listed.chips[1] as chip,
        len(list_distinct(listed.chips)) as chip_count,
        policy.chip_transform,
        regexp_full_match(listed.chips[1], '[0-9A-Fa-f]{1,20}') as is_hex,
        regexp_full_match(listed.chips[1], '[0-9]{1,24}') as is_decimal,
    from listed
    cross join mart.lunchdrive_policy as policy
    where len(listed.chips) > 0

),

taken_apart as (

    select
        *,
        list_transform(
            range(length(chip)),
            lambda place: greatest(
                strpos('0123456789ABCDEF', substr(upper(chip), length(chip) - place, 1)) - 1, 0
            )::hugeint << least(4 * place, 96)::hugeint
        ) as digit_values,
        regexp_extract_all(if(length(chip) % 2 = 1, '0' || chip, chip), '..') as bytes,
    from firsts

)

select
    person_id,
    employer_id,
    chip_count,
    chip as typed_chip,
    case chip_transform
        when 'none' then chip
        when 'strip_leading_zeros' then coalesce(nullif(ltrim(chip, '0'), ''), '0')
        when 'hex_to_dec' then if(is_hex, list_sum(digit_values)::hugeint::varchar, null)
        when 'dec_to_hex' then if(is_decimal, to_hex(try_cast(chip as hugeint)), null)
        when 'reverse_bytes' then if(is_hex, array_to_string(list_reverse(bytes), ''), null)
    end as chip_number,
from taken_apart
