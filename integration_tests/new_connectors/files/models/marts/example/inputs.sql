-- grain: change, fact
-- What each kind of change at the canteen rests on.
select
    inputs.change,
    inputs.fact,
from (
    values
    ('adds', 'listed'),
    ('adds', 'employment'),
    ('adds', 'chip'),
    ('ended', 'listed'),
    ('ended', 'employment'),
    ('absent', 'listed'),
    ('clears badge', 'chip')
) as inputs (change, fact)
