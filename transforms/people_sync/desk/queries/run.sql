-- grain: one row
-- One run's plan, and whether it waits for an approval.
select plan_hash, source_system, vendor, coalesce(awaits_approval, false) as awaits_approval
from sync.runs
where run_id = $run
