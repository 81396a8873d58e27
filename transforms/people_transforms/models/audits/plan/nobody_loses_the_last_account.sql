-- grain: person_id
-- Nobody whom HR wants somewhere today loses the last account; only the undo of a newcomer may.
with

planned as (

    select * from plan.planned

),

missing as (

    select
        person_id,
        account_key,
    from plan.drift
    where field = 'state' and actual = 'missing'

),

kept as (

    -- Who still has an account when all that is to be sent was sent, or gets one.
    select distinct planned.person_id
    from planned
    left join missing
        on
            planned.person_id = missing.person_id
            and planned.account_key = missing.account_key
    where
        planned.account_key <> '*'
        and case
            when planned.operation in ('create', 'adopt', 'reactivate') then planned.hold is null
            when planned.operation = 'deactivate' then planned.hold is not null
            else planned.held_state = 'active' and missing.person_id is null
        end

),

wanted as (

    select distinct person_id
    from planned
    where account_key <> '*' and desired_state = 'active'

),

undone_ends as (

    select distinct person_id
    from sync.reversals
    where operation = 'deactivate' and not coalesce(is_over, false)

)

select distinct ended.person_id
from planned as ended
inner join wanted on ended.person_id = wanted.person_id
left join kept on ended.person_id = kept.person_id
left join undone_ends on ended.person_id = undone_ends.person_id
where
    ended.operation = 'deactivate'
    and ended.hold is null
    and kept.person_id is null
    and (ended.leaving_kind is distinct from 'undone' or undone_ends.person_id is not null)
