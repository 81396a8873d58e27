-- grain: person_id, account_key
-- What each account needs by its state and its hash, before its fields are compared: most need
-- nothing on most nights, and only the others are looked at closer. An account that we ended comes
-- back; one that somebody else ended only for a newer employment.
with

held as (

    select * from sync.ledger
    where vendor = getvariable('vendor')

),

paired as (

    select
        wanted.*,
        held.account_id,
        held.state as held_state,
        held.external_id as held_external_id,
        case
            when wanted.account_key = '*' or wanted.desired_state = 'untouched' then 'none'
            when wanted.desired_state = 'active' and held.account_id is null then 'create'
            when wanted.desired_state = 'active' and held.state = 'inactive'
                then
                    if(
                        held.ended_by = 'us' or wanted.unbroken_since_on > held.ended_on,
                        'reactivate',
                        'none'
                    )
            when
                wanted.desired_state in ('active', 'update_only')
                and held.state = 'active'
                and (held.payload_hash is distinct from wanted.payload_hash)
                then 'update'
            when wanted.desired_state = 'ended' and held.state = 'active' then 'deactivate'
            else 'none'
        end as operation,
        -- An end that was not known, and shown, for some days is no announced one.
        wanted.leaving_kind = 'ended'
        and coalesce(wanted.ends_on = held.ends_on, false)
        and coalesce(held.ends_known_on <= policy.announced_before, false) as is_announced,
    from plan.wanted_places as wanted
    cross join plan.policy as policy
    left join held
        on wanted.person_id = held.person_id and wanted.account_key = held.account_key

)

select
    * exclude (reason),
    if(
        desired_state = 'active' and held_state = 'inactive' and operation = 'none',
        'ended_by_other',
        reason
    ) as reason,
from paired
