-- grain: person_id, account_key
-- Removals of an employer whose visible people changed, until a person has seen them held.
with

changed as (

    select scope.employer_id
    from people.source_scope as scope
    where
        scope.changed_in_run is not null
        and not exists (
            select 1 from sync.approvals as approvals
            where
                approvals.run_id >= scope.changed_in_run
                and list_contains(approvals.scopes_seen, scope.employer_id)
        )

)

select
    planned.person_id,
    planned.account_key,
    planned.row_hash,
    'scope_changed' as kind,
    'the filters stored at the source changed since the last approval, and filters hide people'
        as reason,
from plan.changes as planned
where
    planned.operation = 'deactivate'
    and planned.employer_id in (select changed.employer_id from changed)
