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
    person_id,
    account_key,
    employer_id,
    external_id,
    account_id,
    operation,
    leaving_kind,
    reason,
    changes,
    is_announced,
    false as invites,
    null::varchar as moves_from,
    starts_on,
    ends_on,
    spell_starts_on,
    unbroken_since_on,
    desired_state,
    held_state,
    held_external_id,
    payload_hash,
    '' as row_hash,
    'low' as risk,
    hold,
    null::varchar as hold_reason,
    null::varchar as released_by,
from unchanged
union all
select
    changes.person_id,
    changes.account_key,
    changes.employer_id,
    changes.external_id,
    changes.account_id,
    changes.operation,
    changes.leaving_kind,
    changes.reason,
    changes.changes,
    changes.is_announced,
    changes.invites,
    changes.moves_from,
    changes.starts_on,
    changes.ends_on,
    changes.spell_starts_on,
    changes.unbroken_since_on,
    changes.desired_state,
    changes.held_state,
    changes.held_external_id,
    changes.payload_hash,
    changes.row_hash,
    changes.risk,
    held.kind,
    held.reason as hold_reason,
    if(held.kind is null, released.released_by, null) as released_by,
from plan.changes as changes
left join plan.held as held
    on changes.person_id = held.person_id and changes.account_key = held.account_key
left join released on changes.row_hash = released.row_hash
