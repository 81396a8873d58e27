-- grain: employer_id, payroll_run_id
-- Payroll runs in our words.
select
    employer_id,
    payroll_run_id,
    payroll_administration_id,
    administration_name,
    period_type,
    period_year,
    period_number,
    is_approved,
from staging.stg_loket__payroll_runs
