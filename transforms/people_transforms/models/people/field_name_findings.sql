-- grain: employer_id, code, field
-- kind: view
-- Names of extra fields that only look like one that a rule reads: a hidden sign, another alphabet.
with

names_meant as (

    select distinct
        definitions.employer_id,
        definitions.typed_name,
        lower(latin(without_hidden(plain(definitions.typed_name)))) as meant_name,
    from staging.people_input_field_definitions as definitions
    where
        definitions.is_current
        and (
            lookalike(definitions.typed_name) is not null
            or before_hidden(plain(definitions.typed_name)) is not null
        )

)

select
    null as person_id,
    names_meant.employer_id,
    if(
        before_hidden(plain(names_meant.typed_name)) is null,
        'other_alphabet_in_name', 'hidden_in_name'
    ) as code,
    names_meant.meant_name as field,
    coalesce(before_hidden(plain(names_meant.typed_name)), names_meant.meant_name)
        as typed_value,
    lookalike(names_meant.typed_name) as letter,
    names_meant.meant_name as suggestion,
from names_meant
cross join people.policy as policy
where
    names_meant.meant_name in (policy.access_field, 'ldid')
    or list_contains(policy.access_aliases, names_meant.meant_name)
    or starts_with(names_meant.meant_name, getvariable('vendor') || '_')
