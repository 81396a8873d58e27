-- grain: employer_id, employment_id, year, leave_type_key
-- Leave balances per employment, year and kind of leave. The unit is Loket's word, if it says one.
with

balances as (

    select
        loket__leave_balances.employer_id,
        loket__leave_balances.employment_id,
        loket__leave_balances.employee_id,
        loket__leave_balances.payroll_administration_id,
        unnest(loket__leave_balances.balances::json[]) as balance,
    from raw.loket__leave_balances
    where
        loket__leave_balances._valid_to_run is null
        and json_type(loket__leave_balances.balances) = 'ARRAY'

)

select
    employer_id,
    employment_id,
    employee_id,
    payroll_administration_id,
    try_cast(balance ->> '$.year' as integer) as year,
    try_cast(balance ->> '$.leaveType.key' as integer) as leave_type_key,
    balance ->> '$.leaveType.value' as leave_type,
    try_cast(balance ->> '$.unitType.key' as integer) as unit_key,
    lower(trim(balance ->> '$.unitType.value')) as unit_name,
    try_cast(balance ->> '$.accrual' as decimal(18, 2)) as accrual_amount,
    try_cast(balance ->> '$.usageTotal' as decimal(18, 2)) as usage_amount,
    try_cast(balance ->> '$.balance' as decimal(18, 2)) as balance_amount,
from balances
