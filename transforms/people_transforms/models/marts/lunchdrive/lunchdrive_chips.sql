-- grain: person_id
-- kind: step
-- The chip of each person that has one: the first of the list, written as the readers need it.
with

listed as (

    select
        person_id,
        employer_id,
        list_filter(
            list_transform(chip_numbers, lambda chip: plain(chip)), lambda chip: chip <> ''
        ) as chips,
    from people.people
    where len(chip_numbers) > 0

),

firsts as (

    select
        listed.person_id,
        listed.employer_id,
        listed.chips[1] as chip,
        if(len(listed.chips) = 1, 1, len(list_distinct(listed.chips))) as chip_count,
        policy.chip_transform,
    from listed
    cross join mart.lunchdrive_policy as policy
    where len(listed.chips) > 0

)

select
    person_id,
    employer_id,
    chip_count,
    chip as typed_chip,
    case
        when before_hidden(chip) is not null or chip = chr(65533) then null
        when chip_transform = 'none' then chip
        when chip_transform = 'strip_leading_zeros'
            then coalesce(nullif(ltrim(chip, '0'), ''), '0')
        when chip_transform = 'dec_to_hex'
            then if(
                regexp_full_match(chip, '[0-9]{1,24}'), to_hex(try_cast(chip as hugeint)), null
            )
        when not regexp_full_match(chip, '[0-9A-Fa-f]{1,20}') then null
        when chip_transform = 'hex_to_dec'
            then list_sum(list_transform(
                range(length(chip)),
                lambda place: (
                    strpos('0123456789ABCDEF', substr(upper(chip), length(chip) - place, 1)) - 1
                )::hugeint << (4 * place)::hugeint
            ))::hugeint::varchar
        when chip_transform = 'reverse_bytes'
            then array_to_string(list_reverse(regexp_extract_all(
                if(length(chip) % 2 = 1, '0' || chip, chip), '..'
            )), '')
    end as chip_number,
from firsts
