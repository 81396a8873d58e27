-- grain: person_id, account_key
-- Whoever is created in the first import is not invited by default, at a platform that invites.
-- After a lost store it may still be the first import, cut off before its end. Then a newcomer is
-- who has an account elsewhere already, or whose employment began in the last 31 days.
select
    planned.person_id,
    planned.account_key,
    planned.employer_id,
    planned.external_id,
    planned.operation,
    planned.spell_starts_on,
    known.person_id is not null as is_known,
from plan.settled as planned
inner join plan.policy as policy on policy.can_invite
cross join plan.rebuilt as rebuilt
left join sync.invitations as known
    on
        planned.person_id = known.person_id
        and planned.account_key = known.account_key
        and planned.spell_starts_on is not distinct from known.spell_starts_on
        and known.vendor = getvariable('vendor')
where
    case
        when not rebuilt.is_rebuilt then planned.operation in ('create', 'adopt')
        when planned.spell_starts_on >= policy.as_of - 31 then false
        -- An old account that comes back was perhaps kept silent in the first import.
        when planned.operation = 'reactivate' then true
        else
            planned.operation in ('create', 'adopt')
            and planned.person_id not in (
                select elsewhere.person_id from plan.settled as elsewhere
                where elsewhere.held_state is not null
            )
    end
