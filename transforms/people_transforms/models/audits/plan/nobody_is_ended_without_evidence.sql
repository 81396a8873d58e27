-- grain: person_id, account_key
-- Every end that is to be sent says of which kind it is, and what it rests on was read whole.
with

ends as (

    select
        person_id,
        account_key,
        employer_id,
        leaving_kind,
    from plan.planned
    where operation = 'deactivate' and hold is null

),

requested as (

    select distinct
        person_id,
        account_key,
    from sync.reversals
    where not coalesce(is_over, false)

),

inputs as (

    select * from mart.inputs

),

unread as (

    select distinct
        ends.person_id,
        ends.account_key,
    from ends
    inner join inputs on ends.leaving_kind = inputs.change
    left join people.evidence as evidence
        on
            ends.employer_id = evidence.employer_id
            and inputs.fact = evidence.fact
    -- A fact that the settings don't ask for has no row; an employer without any was not read.
    where
        evidence.verdict <> 'whole'
        or ends.employer_id is null
        or ends.employer_id not in (select known.employer_id from people.evidence as known)

)

select
    ends.person_id,
    ends.account_key,
from ends
left join requested
    on
        ends.person_id = requested.person_id
        and ends.account_key = requested.account_key
left join people.people as people on ends.person_id = people.person_id
left join unread
    on
        ends.person_id = unread.person_id
        and ends.account_key = unread.account_key
where
    unread.person_id is not null
    or case
        when ends.leaving_kind = 'undone' then requested.person_id is null
        when ends.leaving_kind = 'absent' then people.person_id is not null
        when ends.leaving_kind = 'ended' then people.employment_status = 'employed'
        else coalesce(ends.leaving_kind not in (select known.change from inputs as known), true)
    end
