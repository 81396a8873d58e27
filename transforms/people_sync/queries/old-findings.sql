-- What HR has not corrected for more than two weeks, per employer.
select employer, what_en, count(*) as people, min(day) as since
from report.history
where kind = 'finding' and until_day is null and day < (select max(day) - 14 from report.headcount_by_day)
group by employer, what_en order by since, employer
