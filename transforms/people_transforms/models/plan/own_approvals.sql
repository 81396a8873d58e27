-- grain: plan_hash, approved_at
-- kind: view
-- The approvals of this connection: in a lake another platform's may have the same name. A store of
-- an earlier release does not say whose an approval was: its runs do.
select given.*
from sync.approvals as given
cross join plan.policy as policy
where
    (given.vendor = policy.vendor and given.source_system = policy.source_system)
    or (
        given.vendor is null
        and given.plan_hash in (
            select runs.plan_hash
            from sync.runs as runs
            where runs.vendor = policy.vendor and runs.source_system = policy.source_system
        )
    )
