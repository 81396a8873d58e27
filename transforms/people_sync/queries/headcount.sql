-- How many people had an account after each day, per employer.
select day, employer, sum(people)::bigint as people
from report.headcount_by_day
group by day, employer
order by day desc, employer
