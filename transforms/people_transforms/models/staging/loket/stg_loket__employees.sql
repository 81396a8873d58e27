-- grain: employer_id, employee_id
-- The people that Loket lists today; typed text without what can't be seen around it.
select
    employer_id,
    employee_id,
    person_id('loket', employer_id, employee_id) as person_id,
    plain(employee_number) as employee_number,
    seen(first_name) as first_name,
    seen(initials) as initials,
    seen(prefix) as prefix,
    seen(last_name) as last_name,
    birth_on,
    death_on,
    plain(business_email) as business_email,
    plain(private_email) as private_email,
from raw.loket__employees
where _valid_to_run is null
