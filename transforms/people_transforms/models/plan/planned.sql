-- grain: person_id, account_key
-- kind: view
-- The finished plan: every account of tonight with its change or none. What needs nothing is nearly
-- everybody, as it was settled; its columns are constant where they can be, so that who asks for
-- changes need not read it.
select
    settled.* exclude (operation, hold),
    'none' as operation,
    null::varchar as hold,
    false as invites,
    '' as row_hash,
    'low' as risk,
from plan.settled as settled
anti join plan.invited as invited
    on settled.person_id = invited.person_id and settled.account_key = invited.account_key
where settled.operation = 'none'
union all by name
select * from plan.gated
