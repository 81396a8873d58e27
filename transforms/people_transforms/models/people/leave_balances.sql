-- grain: person_id, employment_id, year, leave_type_key
-- kind: view
-- Leave balances; hours and days stand in columns of their own and are never converted.
select
    person_id,
    employer_id,
    employment_id,
    payroll_administration_id,
    year,
    leave_type_key,
    leave_type,
    -- Dutch leave law's two kinds; anything else is neither.
    case
        when contains(lower(leave_type), 'bovenwettelijk') then 'non_statutory'
        when contains(lower(leave_type), 'wettelijk') then 'statutory'
        else 'other'
    end as leave_kind,
    unit,
    if(unit = 'hours', accrual_amount, null) as accrual_hours,
    if(unit = 'hours', balance_amount, null) as balance_hours,
    if(unit = 'days', accrual_amount, null) as accrual_days,
    if(unit = 'days', balance_amount, null) as balance_days,
    if(unit = 'not_said', accrual_amount, null) as accrual_unit_not_said,
    if(unit = 'not_said', balance_amount, null) as balance_unit_not_said,
from staging.people_input_leave_balances
