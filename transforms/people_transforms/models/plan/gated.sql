-- grain: person_id, account_key
-- Every change of tonight with what holds it and why, or which approval has released it.
with

released as (

    select
        row_hash,
        min(released_by) as released_by,
    from plan.approved
    group by row_hash

)

select
    changes.* exclude (hold),
    held.kind as hold,
    held.reason as hold_reason,
    if(held.kind is null, released.released_by, null) as released_by,
from plan.changes as changes
left join plan.held as held
    on changes.person_id = held.person_id and changes.account_key = held.account_key
left join released on changes.row_hash = released.row_hash
