-- grain: person_id, employer_id, code, field, typed_value, args
-- What HR should know or mend for the canteen.
select
    person_id,
    employer_id,
    'badge_missing' as code,
    'warning' as severity,
    'badge' as field,
    null::varchar as typed_value,
    '{}'::json as args,
from mart.example_guests
where reason = 'badge_missing'
