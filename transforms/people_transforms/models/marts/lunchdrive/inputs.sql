-- grain: change, fact
-- What each kind of change at Lunchdrive rests on; `clears …` is a field that would be emptied.
-- Nothing is sent that rests on a fact that was not read whole.
select
    inputs.change,
    inputs.fact,
from (
    values
    ('adds', 'listed'),
    ('adds', 'employment'),
    ('adds', 'access'),
    ('adds', 'note'),
    ('adds', 'number'),
    ('adds', 'business_email'),
    ('ended', 'listed'),
    ('ended', 'employment'),
    ('flag_off', 'access'),
    ('opted_out', 'note'),
    ('routed_away', 'note'),
    ('absent', 'listed'),
    ('absent', 'employment'),
    ('clears email', 'business_email'),
    ('clears personal_number', 'number'),
    ('clears chip_number', 'chip'),
    ('clears valid_from', 'employment'),
    ('clears valid_to', 'employment')
) as inputs (change, fact)
