-- grain: person_id, account_key
-- kind: view
-- Every account as it was compared, unless one that is there is taken over.
select
    compared.* replace (
        coalesce(adoptions.account_id, compared.account_id) as account_id,
        coalesce(adoptions.operation, compared.operation) as operation,
        if(adoptions.operation = 'none', 'ended_by_other', compared.reason) as reason,
        coalesce(adoptions.changes, compared.changes) as changes,
        coalesce(adoptions.held_state, compared.held_state) as held_state,
        coalesce(adoptions.is_conflict, compared.is_conflict) as is_conflict
    ),
from plan.compared as compared
left join plan.adoptions as adoptions
    on
        compared.person_id = adoptions.person_id
        and compared.account_key = adoptions.account_key
