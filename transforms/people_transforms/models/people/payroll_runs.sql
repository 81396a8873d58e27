-- grain: employer_id, payroll_run_id
-- kind: view
-- Payroll runs with the length of their period.
select
    employer_id,
    payroll_run_id,
    payroll_administration_id,
    administration_name,
    period_type,
    period_year,
    period_number,
    is_approved,
from staging.people_input_payroll_runs
