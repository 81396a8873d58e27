-- grain: person_id
-- kind: step
-- What HR says of each person in the access field: yes, no, or something that cannot be read.
with

said as (

    select
        custom_fields.person_id,
        custom_fields.employer_id,
        custom_fields.typed_value,
        coalesce(access_words.verdict, 'not_understood') as verdict,
    from people.custom_fields as custom_fields
    left join people.access_words as access_words
        on lower(custom_fields.typed_value) = access_words.word
    where
        custom_fields.is_access
        and custom_fields.is_current
        and custom_fields.level = 'employee'
        and custom_fields.typed_value is not null

)

select
    person_id,
    min(employer_id) as employer_id,
    -- Two values that disagree are no answer.
    case when min(verdict) = max(verdict) then min(verdict) else 'contradictory' end as verdict,
    min(typed_value) as typed_value,
from said
group by person_id
