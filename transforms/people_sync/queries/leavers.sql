-- Who leaves in the next 30 days.
select day, person, personal_number, employer, account
from report.leavers
where not has_ended and day <= (select max(day) + 30 from report.headcount_by_day)
order by day, person, account
