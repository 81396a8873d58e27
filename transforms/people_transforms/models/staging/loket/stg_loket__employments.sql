-- grain: employer_id, employee_id, employment_id
-- The employments that Loket lists today; the last day is inclusive.
select
    employer_id,
    employee_id,
    employment_id,
    person_id('loket', employer_id, employee_id) as person_id,
    starts_on,
    ends_on,
    historical_starts_on,
    payroll_administration_id,
    _valid_from_run as known_from_run,
from raw.loket__employments
where _valid_to_run is null
