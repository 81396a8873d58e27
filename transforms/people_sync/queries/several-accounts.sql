-- Who has an account at several companies or clients.
select person, personal_number, employer, string_agg(account, ', ' order by account) as accounts
from report.accounts
where is_active
group by person_id, person, personal_number, employer having count(*) > 1 order by person
