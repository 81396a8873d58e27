-- grain: person_id
-- Where the note sends each person: `ids`, `skip` (LDID: 0), `malformed`, or `near_miss`.
-- People whose note says nothing of the kind have no row.
with

read_blocks as (

    select
        person_id,
        bool_or(problem is not null) as is_malformed,
        arg_min(problem, note || block_number) filter (where problem is not null) as problem,
        arg_min(line, note || block_number) filter (where problem is not null) as problem_line,
        bool_or(block_number = 1 and numbers[1] = '0') as is_skip,
        list_sort(list_distinct(flatten(list(numbers)))) as numbers,
    from mart.ldid_blocks
    group by person_id

),

near_misses as (

    select distinct person_id
    from mart.ldid_texts
    where
        level = 'employee'
        and not contains(marked_text, chr(1))
        and regexp_matches(
            plain_text,
            '(?i)ldid|(^|[^\pL\pN])l[ ._-]?d[ ._-]?[i1l!|í][ ._-]?d[ ._:=-]*[0-9]'
            || '|(^|[^\pL\pN])(lidd|lddi|dlid|ldi|lid|ldd)[ :=]+[0-9]{2}'
        )

),

plain_numbers as (

    select
        person_id,
        list_sort(list(distinct plain_id)) as numbers,
    from mart.ldid_notes
    where
        plain_id is not null
        and level = 'employee'
    group by person_id

)

select
    coalesce(read_blocks.person_id, plain_numbers.person_id, near_misses.person_id) as person_id,
    case
        when read_blocks.is_malformed then 'malformed'
        when read_blocks.is_skip then 'skip'
        when read_blocks.person_id is null and plain_numbers.person_id is null then 'near_miss'
        else 'ids'
    end as kind,
    list_filter(
        list_distinct(list_concat(plain_numbers.numbers, read_blocks.numbers)),
        lambda number: number <> '0'
    ) as client_ids,
    coalesce(list_contains(read_blocks.numbers, '0'), false) as has_zero,
    read_blocks.problem,
    read_blocks.problem_line,
from read_blocks
full outer join plain_numbers
    on read_blocks.person_id = plain_numbers.person_id
full outer join near_misses
    on coalesce(read_blocks.person_id, plain_numbers.person_id) = near_misses.person_id
