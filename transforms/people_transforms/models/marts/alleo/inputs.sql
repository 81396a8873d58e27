-- grain: change, fact
-- What each kind of change at Alleo rests on; `clears …` is a field that would be emptied.
-- Nothing is sent that rests on a fact that was not read whole.
select
    inputs.change,
    inputs.fact,
from (
    values
    ('adds', 'listed'),
    ('adds', 'employment'),
    ('adds', 'access'),
    ('ended', 'listed'),
    ('ended', 'employment'),
    ('flag_off', 'access'),
    -- Whoever goes to another employer: what the account there rests on.
    ('routed_away', 'listed'),
    ('routed_away', 'employment'),
    ('routed_away', 'access'),
    ('absent', 'listed'),
    ('absent', 'employment'),
    ('clears email', 'business_email'),
    ('clears private_email', 'private_email'),
    ('clears prefix', 'name'),
    ('clears birthday', 'birth'),
    ('clears work_anniversary', 'employment'),
    ('clears work_anniversary', 'joined')
) as inputs (change, fact)
