-- grain: person_id, account_key
-- kind: view
-- Who needs nothing tonight, and why.
select
    person_id,
    account_key,
    reason,
from plan.planned
where operation = 'none'
