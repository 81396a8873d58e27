-- grain: run_id, person_id, account_key, operation
-- Of each change that is to be undone what the mart wanted when its run was undone, and whether the
-- undo is over: the mart wants something else by now. It is over from the beginning where that
-- changed since the latest run that is undone, or where the account was ended or given back since.
with

wanted as (

    select
        *,
        md5(coalesce(payload_hash, '') || desired_state) as signature,
    from plan.with_adoptions

),

open_reversals as (

    select
        *,
        max(run_id) over (partition by person_id, account_key) as latest_run_id,
        max_by(operation, run_id) over (partition by person_id, account_key) as latest_operation,
    from sync.reversals
    where not coalesce(is_over, false)

),

planned as (

    select
        run_id,
        person_id,
        account_key,
        max(payload_hash) as payload_hash,
    from sync.plan
    where
        operation <> 'none'
        and run_id in (select undone.latest_run_id from open_reversals as undone)
    group by run_id, person_id, account_key

)

select
    undone.run_id,
    undone.person_id,
    undone.account_key,
    undone.operation,
    coalesce(undone.wanted, wanted.signature) as wanted,
    if(
        undone.wanted is not null, undone.wanted <> wanted.signature,
        case undone.latest_operation
            when 'deactivate' then wanted.desired_state <> 'ended'
            when 'update' then wanted.desired_state not in ('active', 'update_only')
            else wanted.desired_state <> 'active'
        end
        or coalesce(wanted.payload_hash <> planned.payload_hash, false)
        or given.run_id is not null
    ) as is_over,
from open_reversals as undone
inner join wanted
    on undone.person_id = wanted.person_id and undone.account_key = wanted.account_key
left join planned
    on
        undone.latest_run_id = planned.run_id
        and undone.person_id = planned.person_id
        and undone.account_key = planned.account_key
left join plan.given_since as given
    on
        undone.run_id = given.run_id
        and undone.person_id = given.person_id
        and undone.account_key = given.account_key
        and undone.operation = given.operation
