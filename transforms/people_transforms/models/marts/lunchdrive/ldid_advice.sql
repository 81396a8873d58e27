-- grain: person_id
-- kind: view
-- Of an LDID that cannot be read: the part that may be quoted, and the numbers it probably means.
with

quoted as (

    select
        person_id,
        regexp_extract(
            problem_line,
            '^[Oo] *$|^[-+]?[OoIlSBZ]?[0-9][0-9OoIlSBZ]*[\pL]{0,3}'
            || '(( *[,;/|+&–-] *| +(a|i|nebo|alebo|či|and|und|en|or) +)'
            || '[OoIlSBZ]?[0-9][0-9OoIlSBZ]*[\pL]{0,3}){0,4}'
        ) as quoted_part,
    from mart.ldid_routes
    where kind = 'malformed'

)

select
    person_id,
    nullif(trim(quoted_part), '') as typed_value,
    array_to_string(regexp_extract_all(
        translate(quoted_part, 'OoIlSBZ', '0011582'), '[0-9]+'
    ), ', ') as corrected,
from quoted
