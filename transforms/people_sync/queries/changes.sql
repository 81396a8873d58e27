-- What changed last night, field by field.
select person, employer, account, field, before, after, outcome
from report.changes
where day = (select max(day) from report.headcount_by_day)
order by person, account, field, outcome
