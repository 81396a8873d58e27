-- grain: person_id, employment_id
-- Employments in our words.
select
    person_id,
    employer_id,
    employee_id,
    employment_id,
    starts_on,
    ends_on,
    historical_starts_on,
    payroll_administration_id,
    known_from_run,
from staging.stg_loket__employments
