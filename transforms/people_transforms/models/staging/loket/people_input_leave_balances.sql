-- grain: person_id, employment_id, year, leave_type_key
-- Leave balances in our words: the unit is hours, days or not said, never assumed.
select
    person_id('loket', employer_id, employee_id) as person_id,
    employer_id,
    employment_id,
    payroll_administration_id,
    year,
    leave_type_key,
    leave_type,
    case
        when unit_name in ('uren', 'uur', 'hours', 'hour') then 'hours'
        when unit_name in ('dagen', 'dag', 'days', 'day') then 'days'
        else 'not_said'
    end as unit,
    accrual_amount,
    usage_amount,
    balance_amount,
from staging.stg_loket__leave_balances
