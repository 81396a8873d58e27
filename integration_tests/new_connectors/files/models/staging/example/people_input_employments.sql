-- grain: person_id, employment_id
-- The contracts in our words.
select
    person_id('example', employer_id, employee_id) as person_id,
    employer_id,
    employee_id,
    employment_id,
    starts_on,
    ends_on,
    null::date as historical_starts_on,
    null::varchar as payroll_administration_id,
    _valid_from_run as known_from_run,
from raw.example__employments
where _valid_to_run is null
