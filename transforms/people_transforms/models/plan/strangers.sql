-- grain: person_id
-- Whose account would become somebody else's, and whose it is by its name.
select
    met.person_id,
    met.employer_id,
    min(account_name(held.fields, policy.name_fields)) as owner_name,
from plan.met as met
cross join plan.policy as policy
inner join sync.ledger as held
    on met.person_id = held.person_id and held.vendor = getvariable('vendor')
where
    met.is_stranger
    and (
        held.state = 'active'
        or met.person_id in (select changes.person_id from plan.changes as changes)
    )
group by met.person_id, met.employer_id
