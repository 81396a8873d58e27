-- grain: person_id, entity, entity_id, known_from_run
-- Every version of every person and contract, for the history.
select
    person_id('example', employer_id, employee_id) as person_id,
    'person' as entity,
    employee_id as entity_id,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
    _extracted_at as extracted_at,
    to_json({ 'first_name': first_name, 'last_name': last_name, 'badge': badge }) as known_values,
from raw.example__employees
union all
select
    person_id('example', employer_id, employee_id) as person_id,
    'employment' as entity,
    employment_id as entity_id,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
    _extracted_at as extracted_at,
    to_json({ 'starts_on': starts_on, 'ends_on': ends_on }) as known_values,
from raw.example__employments
