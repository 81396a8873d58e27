-- grain: employer_id, payroll_run_id
-- For a source that runs no payroll.
select
    null::varchar as employer_id,
    null::varchar as payroll_run_id,
    null::varchar as payroll_administration_id,
    null::varchar as administration_name,
    null::varchar as period_type,
    null::bigint as period_year,
    null::bigint as period_number,
    null::boolean as is_approved,
where false
