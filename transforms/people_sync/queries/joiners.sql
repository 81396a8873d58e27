-- Who joined this month.
select day, person, personal_number, employer, account, reason_en
from report.joiners
where day >= date_trunc('month', (select max(day) from report.headcount_by_day))
order by day, person, account
