-- grain: person_id
-- Where the note sends each person: `ids`, `skip` (LDID: 0), `malformed`, or `near_miss`.
-- People whose note says nothing of the kind have no row.
with

plain_notes as (

    select
        person_id,
        employer_id,
        1 as block_number,
        null as line,
        [plain_id] as numbers,
        null as problem,
    from mart.ldid_notes
    where
        plain_id is not null
        and level = 'employee'

),

near_misses as (

    select
        person_id,
        employer_id,
        0 as block_number,
        null as line,
        []::varchar[] as numbers,
        null as problem,
    from mart.ldid_texts
    where
        level = 'employee'
        and not contains(marked_text, chr(1))
        and regexp_matches(
            latin(plain_text),
            '(?i)ldid|(^|[^\pL\pN])l[ ._-]?d[ ._-]?[i1l!|í][ ._-]?d[ ._:=-]*[0-9]'
            || '|(^|[^\pL\pN])(lidd|lddi|dlid|ldi|lid|ldd)[ :=]+[0-9]{2}'
        )

),

readings as (

    select * from plain_notes
    union all
    select
        person_id,
        employer_id,
        block_number,
        line,
        numbers,
        problem,
    from mart.ldid_blocks
    union all
    select * from near_misses

),

per_person as (

    select
        person_id,
        min(employer_id) as employer_id,
        max(block_number) as block_count,
        bool_or(problem is not null) as is_malformed,
        bool_or(block_number = 1 and numbers[1] = '0') as is_skip,
        list_sort(list_distinct(flatten(list(numbers)))) as numbers,
        min(problem) as problem,
        min(line) filter (where problem is not null) as problem_line,
    from readings
    group by person_id

)

select
    person_id,
    employer_id,
    case
        when is_malformed then 'malformed'
        when is_skip then 'skip'
        when block_count = 0 then 'near_miss'
        else 'ids'
    end as kind,
    if(numbers[1] = '0', numbers[2:], numbers) as client_ids,
    coalesce(numbers[1] = '0', false) as has_zero,
    problem,
    problem_line,
from per_person
