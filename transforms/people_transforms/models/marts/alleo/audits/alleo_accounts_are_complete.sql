-- grain: person_id
-- An active account has what Alleo requires, in a company of the settings, and no dead are greeted.
select accounts.person_id
from mart.alleo_employees as accounts
where
    (
        accounts.desired_state = 'active'
        and (
            accounts.email is null
            or accounts.first_name is null
            or accounts.last_name is null
            or accounts.account_key not in (
                select companies.company_id from mart.alleo_companies as companies
            )
        )
    )
    or (
        accounts.reason = 'deceased'
        and (accounts.birthday is not null or accounts.work_anniversary is not null)
    )
