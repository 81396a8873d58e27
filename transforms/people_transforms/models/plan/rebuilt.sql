-- grain: one row
-- Whether a ledger that is empty was lost: the platform has accounts of ours.
select count(*) > 0 as is_rebuilt from plan.linked
