-- grain: person_id, employer_id, code, field, typed_value
-- kind: view
-- Signs that nobody can see where they do harm, and letters of another alphabet that look right.
with

values_read as (

    select
        custom_fields.person_id,
        custom_fields.employer_id,
        custom_fields.field_name as field,
        custom_fields.typed_value,
        custom_fields.is_access,
    from people.custom_fields as custom_fields
    where
        custom_fields.is_current
        and custom_fields.level = 'employee'
    union all
    select
        person_id,
        employer_id,
        unnest(['email', 'personal_number']) as field,
        unnest([business_email, personal_number]) as typed_value,
        false as is_access,
    from people.people
    where is_staff

),

hidden as (

    select
        person_id,
        employer_id,
        'hidden_character' as code,
        field,
        before_hidden(typed_value) as typed_value,
        null as letter,
        null as suggestion,
    from values_read
    where before_hidden(typed_value) is not null

),

access_letters as (

    select
        values_read.person_id,
        values_read.employer_id,
        'other_alphabet' as code,
        values_read.field,
        values_read.typed_value,
        lookalike(values_read.typed_value) as letter,
        latin(values_read.typed_value) as suggestion,
    from values_read
    semi join people.access_words as access_words
        on lower(latin(values_read.typed_value)) = access_words.word
    where
        values_read.is_access
        and lookalike(values_read.typed_value) is not null

)

select * from hidden
union all
select * from access_letters
