-- grain: person_id, employment_id, year, leave_type_key
-- Leave balances and the last approved payroll run, for Flex Salary; Alleo's API cannot take them.
with

last_runs as (

    select
        employer_id,
        payroll_administration_id,
        min(administration_name) as administration_name,
        min(period_type) as period_type,
        max(period_year * 100 + period_number) as last_approved_period,
    from people.payroll_runs
    where is_approved
    group by all

)

select
    balances.person_id,
    balances.employer_id,
    balances.employment_id,
    balances.year,
    balances.leave_type_key,
    balances.leave_type,
    balances.leave_kind,
    balances.unit,
    balances.accrual_hours,
    balances.balance_hours,
    balances.accrual_days,
    balances.balance_days,
    balances.accrual_unit_not_said,
    balances.balance_unit_not_said,
    last_runs.administration_name,
    last_runs.period_type,
    last_runs.last_approved_period // 100 as last_approved_year,
    last_runs.last_approved_period % 100 as last_approved_period_number,
from people.leave_balances as balances
left join last_runs
    on
        balances.employer_id = last_runs.employer_id
        and balances.payroll_administration_id = last_runs.payroll_administration_id
