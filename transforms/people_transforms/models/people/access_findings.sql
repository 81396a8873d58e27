-- grain: person_id, employer_id, code, field, typed_value
-- kind: step
-- What HR should mend about the access field: unreadable values, the wrong level, a misspelt name.
with

wrong_level as (

    select
        custom_fields.person_id,
        min(custom_fields.employer_id) as employer_id,
        'field_on_employment' as code,
        custom_fields.field_name as field,
        min(custom_fields.typed_value) as typed_value,
        null as suggestion,
    from people.custom_fields as custom_fields
    where
        custom_fields.level = 'employment'
        and custom_fields.is_current
        and custom_fields.typed_value is not null
        and not exists (
            select 1 from people.custom_fields as right_level
            where
                right_level.person_id = custom_fields.person_id
                and (
                    right_level.field_name = custom_fields.field_name
                    or (right_level.is_access and custom_fields.is_access)
                )
                and right_level.level = 'employee'
                and right_level.is_current
                -- An empty field beside it is no answer.
                and right_level.typed_value is not null
        )
    group by
        custom_fields.person_id,
        custom_fields.field_name

),

gone as (

    select
        null as person_id,
        employers.employer_id,
        'access_field_gone' as code,
        policy.access_field as field,
        null as typed_value,
        policy.access_field as suggestion,
    from people.employers as employers
    cross join people.policy as policy
    where employers.is_selective and employers.is_access_field_gone

),

misspelt as (

    select
        null as person_id,
        definitions.employer_id,
        'access_field_name' as code,
        definitions.typed_name as field,
        null as typed_value,
        policy.access_field as suggestion,
    from staging.people_input_field_definitions as definitions
    cross join people.policy as policy
    where
        definitions.is_current
        and definitions.field_name <> policy.access_field
        and not list_contains(policy.access_aliases, definitions.field_name)
        and levenshtein(
            regexp_replace(lower(latin(definitions.field_name)), '[^\pL\pN]', '', 'g'),
            regexp_replace(policy.access_field, '[^\pL\pN]', '', 'g')
        ) <= 2

)

select
    person_id,
    employer_id,
    code,
    field,
    typed_value,
    suggestion,
from people.access_advice
union all
select * from wrong_level
union all
select * from gone
union all
select * from misspelt
