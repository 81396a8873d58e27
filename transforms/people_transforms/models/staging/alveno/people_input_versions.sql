-- grain: person_id, entity, entity_id, known_from_run
-- Every version of every person and employment, for the history.
select
    person_id('alveno', employer_id, employee_id) as person_id,
    'person' as entity,
    employee_id as entity_id,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
    _extracted_at as extracted_at,
    to_json({
        'first_name': first_name,
        'last_name': last_name,
        'personal_number': personal_number,
        'email': email,
        'chip_numbers': chip_numbers,
        'note': note
    }) as known_values,
from raw.alveno__employees
union all
select
    person_id('alveno', employer_id, employee_id) as person_id,
    'employment' as entity,
    employment_id as entity_id,
    _valid_from_run as known_from_run,
    _valid_to_run as known_to_run,
    _extracted_at as extracted_at,
    to_json({
        'starts_on': starts_on,
        'ends_on': ends_on,
        'contract_type': contract_type
    }) as known_values,
from raw.alveno__employments
