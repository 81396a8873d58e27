-- grain: person_id, account_key
-- Ends of people of whom an employment is gone from HR's list that had not ended: a record that is
-- gone says no last day, whatever the person's others say.
select
    planned.person_id,
    planned.account_key,
    planned.row_hash,
    'employment_gone' as kind,
    'an employment that had not ended is no longer listed' as reason,
from plan.changes as planned
where
    planned.operation = 'deactivate'
    and planned.leaving_kind = 'ended'
    and planned.reason <> 'deceased'
    and planned.person_id in (
        select vanished.person_id from people.vanished_employments as vanished
    )
