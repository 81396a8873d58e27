-- grain: level, employer_id, value_id
-- kind: view
-- Filled-in extra fields that a rule reads; only level `employee` has a say.
select
    custom_fields.level,
    custom_fields.employer_id,
    custom_fields.value_id,
    custom_fields.person_id,
    custom_fields.field_name,
    custom_fields.typed_value,
    custom_fields.known_from_run,
    custom_fields.field_name = policy.access_field
    or list_contains(policy.access_aliases, custom_fields.field_name) as is_access,
from staging.people_input_custom_fields as custom_fields
cross join people.policy as policy
where custom_fields.known_to_run is null
