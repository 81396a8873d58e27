-- grain: fact, stream, column_name
-- What each fact about a person rests on: the stream and column it is read from, and the right that
-- the Loket user needs for it.
select
    facts.fact,
    facts.stream,
    facts.column_name,
    facts.right_name,
from (
    values
    ('listed', 'employees', 'employee_id', 'GetEmployeesByEmployerId'),
    ('employment', 'employments', 'employee_id', 'GetEmploymentsByEmployerId'),
    ('employment', 'employments', 'starts_on', 'GetEmploymentsByEmployerId'),
    ('employment', 'employments', 'ends_on', 'GetEmploymentsByEmployerId'),
    ('joined', 'employments', 'historical_starts_on', 'GetEmploymentsByEmployerId'),
    ('access', 'custom_field_definitions', 'name', 'GetCustomFieldsByEmployerId'),
    ('access', 'employee_custom_fields', 'name', 'GetEmployeeCustomFieldsByEmployerId'),
    ('access', 'employee_custom_fields', 'value', 'GetEmployeeCustomFieldsByEmployerId'),
    ('note', 'employee_custom_fields', 'name', 'GetEmployeeCustomFieldsByEmployerId'),
    ('note', 'employee_custom_fields', 'value', 'GetEmployeeCustomFieldsByEmployerId'),
    ('number', 'employees', 'employee_number', 'GetEmployeesByEmployerId'),
    ('name', 'employees', 'first_name', 'GetEmployeesByEmployerId'),
    ('name', 'employees', 'initials', 'GetEmployeesByEmployerId'),
    ('name', 'employees', 'prefix', 'GetEmployeesByEmployerId'),
    ('name', 'employees', 'last_name', 'GetEmployeesByEmployerId'),
    ('business_email', 'employees', 'business_email', 'GetEmployeesByEmployerId'),
    ('private_email', 'employees', 'private_email', 'GetEmployeesByEmployerId'),
    ('birth', 'employees', 'birth_on', 'GetEmployeesByEmployerId'),
    ('death', 'employees', 'death_on', 'GetEmployeesByEmployerId')
) as facts (fact, stream, column_name, right_name)
