-- grain: person_id, account_key
-- The end of what is moved from, while its target is held, or not known to be active. No approval
-- releases it: it ends when the target is active, or when HR sends the person elsewhere.
with

waiting as (

    select distinct
        moves.person_id,
        moves.from_key,
    from plan.moves as moves
    left join plan.held as held
        on
            moves.person_id = held.person_id
            and moves.to_key = held.account_key
    where moves.to_key is null or (moves.is_given and held.person_id is not null)

)

select
    planned.person_id,
    planned.account_key,
    planned.row_hash,
    'move_waits' as kind,
    'the account to move to is held, or not known to be active' as reason,
from plan.changes as planned
inner join waiting
    on
        planned.person_id = waiting.person_id
        and planned.account_key = waiting.from_key
where planned.operation = 'deactivate'
