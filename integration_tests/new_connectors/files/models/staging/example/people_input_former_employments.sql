-- grain: person_id, employment_id, known_to_run
-- What was said of contracts before: replaced versions, and those that are no longer listed.
select
    person_id('example', employer_id, employee_id) as person_id,
    employer_id,
    employment_id,
    starts_on,
    ends_on,
    _valid_to_run as known_to_run,
from raw.example__employments
where _valid_to_run is not null
