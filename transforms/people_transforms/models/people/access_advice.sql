-- grain: person_id
-- kind: step
-- Access fields that cannot be understood or contradict each other, and what to type instead.
with

typed as (

    select
        people.person_id,
        people.employer_id,
        'access_' || people.access as code,
        custom_fields.field_name as field,
        custom_fields.typed_value,
        regexp_replace(
            lower(latin(without_hidden(custom_fields.typed_value))), '[^\pL\pN]+', '', 'g'
        ) as typed_word,
    from people.people as people
    inner join people.custom_fields as custom_fields
        on
            people.person_id = custom_fields.person_id
            and custom_fields.is_access
            and custom_fields.is_current
            and custom_fields.level = 'employee'
    where people.access in ('not_understood', 'contradictory')

),

likened as (

    select
        typed.*,
        access_words.verdict,
        -- The beginning of a word is meant to be that word.
        if(
            starts_with(access_words.word, typed.typed_word),
            0, levenshtein(access_words.word, typed.typed_word)
        ) as distance,
        -- A slip is small beside either word: `jan` is a name, and `untrue` is not `true`. Words of
        -- their own are no slips, and a question is no answer.
        distance <= 2
        and distance * 3 <= length(typed.typed_word)
        and distance * 2 < length(access_words.word)
        and typed.typed_word not in ('', 'on', 'yet', 'new', 'ani', 'naar')
        and not contains(typed.typed_value, '?') as is_near,
    from typed
    cross join people.access_words as access_words

),

meant as (

    select
        person_id,
        typed_value,
        min(employer_id) as employer_id,
        min(code) as code,
        min(field) as field,
        min(verdict) filter (where is_near) as verdict,
        -- Near to a yes as well as to a no is near to neither.
        count(distinct verdict) filter (where is_near) = 1 as is_clear,
    from likened
    group by person_id, typed_value

)

select
    person_id,
    min(employer_id) as employer_id,
    min(code) as code,
    min(field) as field,
    min(typed_value) as typed_value,
    -- Where no word is near, or two values differ, HR chooses.
    case
        when bool_or(not is_clear) or count(distinct verdict) > 1 then 'TRUE / FALSE'
        when min(verdict) = 'yes' then 'TRUE'
        else 'FALSE'
    end as suggestion,
from meant
group by person_id
