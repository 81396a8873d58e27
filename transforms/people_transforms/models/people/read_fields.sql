-- grain: typed_name
-- The extra fields that a rule of this run reads: the access field, and the platform's own.
select
    field_names.typed_name,
    field_names.field_name,
    field_names.field_name = policy.access_field
    or list_contains(policy.access_aliases, field_names.field_name) as is_access,
from staging.people_input_field_names as field_names
cross join people.policy as policy
where
    field_names.field_name = policy.access_field
    or list_contains(policy.access_aliases, field_names.field_name)
    or starts_with(field_names.field_name, getvariable('vendor') || '_')
