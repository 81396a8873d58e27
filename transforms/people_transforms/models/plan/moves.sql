-- grain: person_id, from_key, to_key
-- Which account of whom ends for the sake of which other one; without a `to_key` nothing is known
-- to be active elsewhere, and the account stays.
with

undone_ends as (

    -- Who had another account before the run that is undone: such an undo gives that one back.
    select distinct person_id
    from sync.reversals
    where operation = 'deactivate' and not coalesce(is_over, false)

),

missing as (

    select
        person_id,
        account_key,
    from plan.drift
    where field = 'state' and actual = 'missing'

),

remaining as (

    -- What a person has, or is given, besides the accounts that end.
    select
        planned.person_id,
        planned.account_key as to_key,
        planned.operation in ('create', 'adopt', 'reactivate') as is_given,
        planned.desired_state <> 'ended' as is_wanted,
        coalesce(planned.held_state = 'active' and missing.person_id is null, false) as is_active,
    from plan.settled as planned
    left join missing
        on
            planned.person_id = missing.person_id
            and planned.account_key = missing.account_key
    where planned.account_key <> '*' and planned.operation <> 'deactivate'

),

verdicts as (

    select
        person_id,
        bool_or(is_wanted) as is_wanted,
        bool_or(is_given) as is_given,
        -- Any one that is active is enough where nothing new is given.
        min(to_key) filter (where is_active) as active_key,
    from remaining
    group by person_id

),

leaving as (

    select
        planned.person_id,
        planned.account_key as from_key,
        coalesce(verdicts.is_given, false) as is_given,
        verdicts.active_key,
    from plan.settled as planned
    left join verdicts on planned.person_id = verdicts.person_id
    left join undone_ends on planned.person_id = undone_ends.person_id
    where
        planned.operation = 'deactivate'
        -- An account outside the settings is not left: not even a value of it is released.
        and planned.hold is distinct from 'outside_settings'
        and (
            (planned.leaving_kind = 'routed_away' and verdicts.is_wanted)
            or (
                planned.leaving_kind = 'undone'
                and (verdicts.person_id is not null or undone_ends.person_id is not null)
            )
        )

)

select
    leaving.person_id,
    leaving.from_key,
    coalesce(remaining.to_key, leaving.active_key) as to_key,
    leaving.is_given,
from leaving
left join remaining
    on
        leaving.person_id = remaining.person_id
        and leaving.is_given
        and remaining.is_given
