-- grain: fact, stream, column_name
-- What each fact about a person rests on: the stream and column it is read from.
select
    facts.fact,
    facts.stream,
    facts.column_name,
    null::varchar as right_name,
from (
    values
    ('listed', 'employees', 'employee_id'),
    ('employment', 'employments', 'employee_id'),
    ('employment', 'employments', 'starts_on'),
    ('employment', 'employments', 'ends_on'),
    ('name', 'employees', 'first_name'),
    ('name', 'employees', 'last_name'),
    ('chip', 'employees', 'badge')
) as facts (fact, stream, column_name)
