-- grain: person_id, account_key
-- The accounts that need something, or of which a run is undone: the undo comes first.
select
    accounts.* replace (
        coalesce(undone.operation, accounts.operation) as operation,
        if(
            undone.person_id is null,
            accounts.leaving_kind,
            if(undone.operation = 'deactivate', 'undone', null)
        ) as leaving_kind,
        if(undone.person_id is null, accounts.reason, 'undone') as reason,
        coalesce(undone.changes, accounts.changes) as changes,
        undone.person_id is null and accounts.is_announced as is_announced,
        undone.person_id is null and accounts.is_conflict as is_conflict
    ),
from plan.with_adoptions as accounts
left join plan.undone as undone
    on
        accounts.person_id = undone.person_id
        and accounts.account_key = undone.account_key
where accounts.operation <> 'none' or undone.person_id is not null
