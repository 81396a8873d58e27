-- grain: person_id
-- kind: view
-- Of an LDID that cannot be read: the part that may be quoted, and the numbers it probably means.
with

malformed as (

    select
        person_id,
        problem,
        -- No client has a number as long as two.
        replace(
            problem_line, chr(65533),
            if(regexp_matches(replace(problem_line, chr(65533), ''), '[0-9]{8}'), ', ', '')
        ) as line,
    from mart.ldid_routes
    where kind = 'malformed'

),

quoted as (

    select
        person_id,
        problem,
        nullif(trim(regexp_extract(
            line,
            '^[Oo] *$|^[-+]?[OoIlSBZ]?[0-9][0-9OoIlSBZ]*[\pL]{0,3}'
            || '(( *[^\pL\pN .!?:()\[\]\x{3}]{1,3} *'
            || '|[ ,;/|+&]+((a|i|aj|and|und|en|nebo|alebo|či|or|oder|of|plus|sowi'
            || 'e|resp|evt|popř|příp|případně|také|taky|též|tiež|ook|ako)[.,]? +){1,3})'
            || '[OoIlSBZ]?[0-9][0-9OoIlSBZ]*[\pL]{0,3}){0,4}'
        )), '') as quoted_part,
        regexp_extract_all(
            regexp_extract(line, '^[0-9]+([^0-9\x{3}]{1,20}[0-9]+){1,4}'), '[0-9]+'
        ) as listed,
    from malformed

),

read as (

    select
        *,
        regexp_extract_all(translate(quoted_part, 'OoIlSBZ', '0011582'), '[0-9]+') as quoted_ids,
        -- Of a list in words: what is as long as the first one.
        list_filter(listed, lambda id: length(id) = length(listed[1])) as listed_ids,
    from quoted

)

select
    person_id,
    -- Words between two numbers are not quoted unless we know them.
    if(
        problem = 'words' and len(listed_ids) > len(quoted_ids),
        array_to_string(listed_ids, ' … '), quoted_part
    ) as typed_value,
    array_to_string(
        if(problem = 'words' and len(listed_ids) > len(quoted_ids), listed_ids, quoted_ids), ', '
    ) as corrected,
from read
