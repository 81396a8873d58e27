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
        lower(latin(without_hidden(custom_fields.typed_value))) as typed_word,
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
        access_words.word,
        access_words.verdict,
        -- The beginning of a word is meant to be that word.
        if(
            starts_with(access_words.word, typed.typed_word),
            0, levenshtein(access_words.word, typed.typed_word)
        ) as distance,
    from typed
    cross join people.access_words as access_words

)

select
    person_id,
    min(employer_id) as employer_id,
    min(code) as code,
    min(field) as field,
    min(typed_value) as typed_value,
    -- Where no word is near, HR chooses.
    case arg_min(
        if(distance <= 2 and distance * 3 <= length(typed_word), verdict, 'neither'),
        -- Of two values that are as far from the same word, one and the same counts.
        format('{:03d} ', distance) || word || ' ' || typed_word
    )
        when 'yes' then 'TRUE'
        when 'no' then 'FALSE'
        else 'TRUE / FALSE'
    end as suggestion,
from likened
group by person_id
