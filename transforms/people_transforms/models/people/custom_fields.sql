-- grain: level, person_id, field_name, typed_value, known_from_run
-- kind: step
-- Extra fields that a rule reads: current values, and those replaced since the accepted night
-- before. Only level `employee` has a say.
select
    custom_fields.level,
    custom_fields.employer_id,
    custom_fields.person_id,
    read_fields.field_name,
    plain(custom_fields.typed_value) as typed_value,
    custom_fields.known_from_run,
    custom_fields.known_to_run,
    custom_fields.known_to_run is null as is_current,
    read_fields.is_access,
from staging.people_input_custom_fields as custom_fields
inner join people.read_fields as read_fields
    on custom_fields.typed_name = read_fields.typed_name
where
    custom_fields.known_to_run is null
    or custom_fields.known_to_run > (select policy.night_before_run from people.policy as policy)
