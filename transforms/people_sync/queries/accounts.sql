-- How many accounts each company or client has: active, ended, and ending within 30 days.
select account, count(*) filter (where is_active) as active, count(*) filter (where not is_active) as ended,
    count(*) filter (where is_active and last_day <= (select max(day) + 30 from report.headcount_by_day)) as ending_soon
from report.accounts
group by account order by account
