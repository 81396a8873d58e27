-- grain: run_id, person_id, account_key, operation
-- Changes that are to be undone of accounts that a later run has ended or given back: one that was
-- not undone itself and that undid nothing.
with

undoing as (

    select
        run_id,
        person_id,
        account_key,
    from sync.reversals
    union
    select
        run_id,
        person_id,
        account_key,
    from sync.plan
    where reason = 'undone'

)

select distinct
    undone.run_id,
    undone.person_id,
    undone.account_key,
    undone.operation,
from sync.reversals as undone
inner join sync.deliveries as later
    on
        undone.person_id = later.person_id
        and undone.account_key = later.account_key
        and undone.run_id < later.run_id
left join undoing
    on
        later.run_id = undoing.run_id
        and later.person_id = undoing.person_id
        and later.account_key = undoing.account_key
where
    later.status = 'confirmed'
    and later.operation in ('create', 'adopt', 'reactivate', 'deactivate')
    and undone.operation <> 'update'
    and undoing.run_id is null
