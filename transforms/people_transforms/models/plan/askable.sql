-- grain: person_id, account_key
-- kind: view
-- What an approval may be about as things stand: the changes that nothing holds, and those held by
-- what it releases.
select
    planned.person_id,
    planned.account_key,
    planned.employer_id,
    planned.operation,
    planned.row_hash,
    held.kind,
from plan.changes as planned
left join plan.held as held
    on
        planned.person_id = held.person_id
        and planned.account_key = held.account_key
where coalesce(held.is_releasable, true)
