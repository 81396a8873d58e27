-- grain: employer_id, payroll_run_id
-- Payroll runs with the administration they belong to.
select
    payroll_runs.employer_id,
    payroll_runs.payroll_run_id,
    payroll_runs.payroll_administration_id,
    administrations.name as administration_name,
    case administrations.period_type_key
        when 1 then 'month'
        when 3 then 'four_weeks'
        when 4 then 'week'
    end as period_type,
    payroll_runs.status_key,
    payroll_runs.status,
    payroll_runs.period_year,
    payroll_runs.period_number,
    payroll_runs.approved_at is not null as is_approved,
from raw.loket__payroll_runs as payroll_runs
left join raw.loket__payroll_administrations as administrations
    on
        payroll_runs.employer_id = administrations.employer_id
        and payroll_runs.payroll_administration_id = administrations.payroll_administration_id
        and administrations._valid_to_run is null
where payroll_runs._valid_to_run is null
