-- grain: person_id, account_key
-- kind: view
-- The changes that nothing holds as things stand and nobody has approved: what brakes look at.
select planned.*
from plan.changes as planned
left join plan.approved as approved on planned.row_hash = approved.row_hash
left join plan.holds as holds
    on
        planned.person_id = holds.person_id
        and planned.account_key = holds.account_key
where approved.row_hash is null and holds.kind is null
