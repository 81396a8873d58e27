-- What happened to each person, with days; add --where name=… for one.
select day, until_day, person, employer, account, kind, what_en
from report.history
where person is not null
order by person, day, until_day, kind, what_en
