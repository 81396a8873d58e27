-- grain: employer_id
-- Employers, and whether HR chooses there who takes part (selective sync).
with

listed_employers as (

    select * from staging.people_input_employers
    union all
    -- Where the list itself was never read, everybody's employer counts as listed.
    select distinct
        employer_id,
        null as employer_name,
    from staging.people_input_people
    where not exists (select 1 from staging.people_input_employers)

),

access_definitions as (

    select
        definitions.employer_id,
        bool_or(definitions.is_current) as is_current,
    from staging.people_input_field_definitions as definitions
    cross join people.policy as policy
    where
        definitions.field_name = policy.access_field
        or list_contains(policy.access_aliases, definitions.field_name)
    group by definitions.employer_id

),

access_values as (

    select distinct custom_fields.employer_id
    from people.custom_fields as custom_fields
    where
        custom_fields.is_access
        and custom_fields.is_current
        and custom_fields.level = 'employee'

)

select
    employers.employer_id,
    employers.employer_name,
    -- An employer that was ever selective stays so: a field that was renamed is no answer.
    policy.access_field <> ''
    and (
        policy.is_selective_by_setting
        or access_definitions.employer_id is not null
        or access_values.employer_id is not null
    ) as is_selective,
    coalesce(access_definitions.is_current, false)
    or access_values.employer_id is not null as has_access_field,
    access_definitions.employer_id is not null
    and not access_definitions.is_current
    and access_values.employer_id is null as is_access_field_gone,
from listed_employers as employers
cross join people.policy as policy
left join access_definitions
    on employers.employer_id = access_definitions.employer_id
left join access_values
    on employers.employer_id = access_values.employer_id
