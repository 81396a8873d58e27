-- grain: person_id, account_key
-- kind: view
-- Every account as it was compared, unless one that is there is taken over.
select
    compared.person_id,
    compared.account_key,
    compared.employer_id,
    compared.external_id,
    coalesce(adoptions.account_id, compared.account_id) as account_id,
    coalesce(adoptions.operation, compared.operation) as operation,
    compared.leaving_kind,
    if(adoptions.operation = 'none', 'ended_by_other', compared.reason) as reason,
    coalesce(adoptions.changes, compared.changes) as changes,
    compared.is_announced,
    compared.starts_on,
    compared.ends_on,
    compared.spell_starts_on,
    compared.unbroken_since_on,
    compared.desired_state,
    coalesce(adoptions.held_state, compared.held_state) as held_state,
    compared.held_external_id,
    compared.payload_hash,
    coalesce(adoptions.is_conflict, compared.is_conflict) as is_conflict,
from plan.compared as compared
left join plan.adoptions as adoptions
    on
        compared.person_id = adoptions.person_id
        and compared.account_key = adoptions.account_key
