-- grain: employer_id, employee_id, employment_id
-- The employments (workloads) that Alveno lists today; the last day is inclusive.
select
    employer_id,
    employee_id,
    employment_id,
    person_id('alveno', employer_id, employee_id) as person_id,
    operation_id,
    seen(contract_type) as contract_type,
    starts_on,
    ends_on,
    nullif(nfc_normalize(note), '') as note,
    _valid_from_run as known_from_run,
from raw.alveno__employments
where _valid_to_run is null
