-- grain: person_id, field_name, typed_value, is_current, was_there
-- kind: step
-- What HR has typed as budgets, and which of it was there on the accepted night before: what a
-- failed or a second run of tonight has read is still new.
select distinct
    custom_fields.person_id,
    custom_fields.field_name,
    custom_fields.employer_id,
    custom_fields.typed_value,
    custom_fields.is_current,
    policy.night_before_run as since_run,
    custom_fields.known_from_run <= policy.night_before_run as was_there,
from people.custom_fields as custom_fields
cross join people.policy as policy
where
    custom_fields.level = 'employee'
    and custom_fields.typed_value is not null
    and regexp_full_match(custom_fields.field_name, 'alleo_(monthly|oneoff)_.+_budget')
