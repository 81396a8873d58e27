-- grain: person_id, account_key, field
-- Who is to get a value tonight that two accounts may not share.
select
    person_id,
    account_key,
    field,
    folded(value_after) as claimed,
from plan.account_fields
where
    is_unique
    and operation in ('create', 'update', 'reactivate')
    and value_after is not null
    and folded(value_after)
    is distinct from if(held_state = 'active', folded(value_before), null)
