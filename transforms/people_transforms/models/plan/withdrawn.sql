-- grain: plan_hash, row_hash
-- Of tonight's changes those that were approved before an accepted night that lacked them.
with

approved_rows as (

    select
        planned.plan_hash,
        planned.row_hash,
        max(planned.run_id) as run_id,
        any_value(planned.person_id) as person_id,
        any_value(planned.account_key) as account_key,
        any_value(planned.operation) as operation,
    from sync.plan as planned
    inner join plan.hold_kinds as kinds on planned.hold = kinds.kind
    inner join sync.approvals as given
        on
            planned.plan_hash = given.plan_hash
            and (given.rows is null or list_contains(given.rows, planned.row_hash))
    where
        planned.operation <> 'none'
        and kinds.is_releasable
        and planned.row_hash in (select changes.row_hash from plan.changes as changes)
    group by planned.plan_hash, planned.row_hash

),

nights_since as (

    select
        approved_rows.plan_hash,
        approved_rows.row_hash,
        approved_rows.person_id,
        approved_rows.account_key,
        approved_rows.operation,
        later.run_id as later_id,
    from approved_rows
    inner join sync.runs as planned on approved_rows.run_id = planned.run_id
    inner join sync.runs as later
        on
            planned.run_id < later.run_id
            and planned.vendor = later.vendor
            and planned.source_system = later.source_system
    where later.accepted_on is not null

)

select distinct
    nights_since.plan_hash,
    nights_since.row_hash,
    nights_since.person_id,
    nights_since.account_key,
    nights_since.operation,
from nights_since
anti join sync.plan as still
    on nights_since.later_id = still.run_id and nights_since.row_hash = still.row_hash
