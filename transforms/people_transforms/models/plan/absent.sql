-- grain: person_id, account_key
-- Accounts of people whom the source no longer has: who is absent often enough ends. An employer
-- that is no longer listed is a loss of access and never a wave of leavers.
with

judged as (

    select
        unlisted.*,
        employers.employer_id is null as employer_is_gone,
        coalesce(absences.absences, 0) >= policy.absence_reads as is_absent,
        policy.ends_absent,
    from plan.unlisted as unlisted
    cross join plan.policy as policy
    left join plan.absences as absences on unlisted.person_id = absences.person_id
    left join people.employers as employers on unlisted.employer_id = employers.employer_id

)

select
    person_id,
    account_key,
    null::varchar as mart_account_key,
    employer_id,
    external_id,
    'ended' as desired_state,
    if(state = 'active', 'absent', null) as leaving_kind,
    null::date as starts_on,
    ends_on,
    spell_starts_on,
    null::date as unbroken_since_on,
    payload_hash,
    account_id,
    state as held_state,
    null::varchar as held_external_id,
    if(
        state = 'active' and ends_absent and is_absent and not employer_is_gone,
        'deactivate',
        'none'
    ) as operation,
    false as is_announced,
    case
        when state <> 'active' then 'ended_before'
        when employer_is_gone then 'employer_gone'
        when is_absent then 'absent'
        else 'absent_once'
    end as reason,
from judged
