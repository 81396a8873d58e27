-- grain: person_id, employment_id, year, leave_type_key
-- For a source of which no leave is read.
select
    null::varchar as person_id,
    null::varchar as employer_id,
    null::varchar as employment_id,
    null::varchar as payroll_administration_id,
    null::integer as year,
    null::integer as leave_type_key,
    null::varchar as leave_type,
    null::varchar as unit,
    null::decimal(18, 2) as accrual_amount,
    null::decimal(18, 2) as usage_amount,
    null::decimal(18, 2) as balance_amount,
where false
