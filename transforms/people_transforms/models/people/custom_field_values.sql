-- grain: level, employer_id, value_id, known_from_run
-- Extra fields that a rule reads: the current values, and the ones that this run replaced.
select
    custom_fields.level,
    custom_fields.employer_id,
    custom_fields.value_id,
    custom_fields.person_id,
    custom_fields.field_name,
    custom_fields.typed_value,
    custom_fields.known_from_run,
    custom_fields.known_to_run is null as is_current,
    custom_fields.field_name = policy.access_field
    or list_contains(policy.access_aliases, custom_fields.field_name) as is_access,
from staging.people_input_custom_fields as custom_fields
cross join people.policy as policy
