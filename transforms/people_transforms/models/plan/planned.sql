-- grain: person_id, account_key
-- The finished plan: every account of tonight with its change or none, what holds it and why, or
-- which approval has released it. What needs nothing is as it was settled.
with

released as (

    select
        row_hash,
        min(released_by) as released_by,
    from plan.approved
    group by row_hash

),

unchanged as (

    select settled.*
    from plan.settled as settled
    left join plan.invited as invited
        on
            settled.person_id = invited.person_id
            and settled.account_key = invited.account_key
    where settled.operation = 'none' and invited.person_id is null

)

select
    *,
    false as invites,
    '' as row_hash,
    'low' as risk,
from unchanged
union all by name
select
    changes.* exclude (hold),
    held.kind as hold,
    held.reason as hold_reason,
    if(held.kind is null, released.released_by, null) as released_by,
from plan.changes as changes
left join plan.held as held
    on changes.person_id = held.person_id and changes.account_key = held.account_key
left join released on changes.row_hash = released.row_hash
