-- grain: run_id, person_id, account_key, operation
-- The changes that are to be undone, each beside the account as it is. `was_active`: it was in use
-- before it was taken over.
select
    undone.run_id,
    undone.person_id,
    undone.account_key,
    undone.operation,
    undone.changes,
    planned.held_state,
    held.fields,
    undone.operation = 'adopt' and exists (
        select 1 from sync.deliveries as taken
        where
            taken.run_id = undone.run_id
            and taken.person_id = undone.person_id
            and taken.account_key = undone.account_key
            and taken.operation = 'adopt'
            and taken.status = 'intent'
            and taken.state = 'active'
    ) as was_active,
from sync.reversals as undone
inner join plan.with_adoptions as planned
    on undone.person_id = planned.person_id and undone.account_key = planned.account_key
left join sync.ledger as held
    on
        undone.person_id = held.person_id
        and undone.account_key = held.account_key
        and held.vendor = getvariable('vendor')
where not coalesce(undone.is_over, false)
