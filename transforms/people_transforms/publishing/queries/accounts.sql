-- How many accounts each company or client has: active, ended, ending within 30 days.
select
    ledger.vendor,
    ledger.account_key,
    count(*) filter (where ledger.state = 'active') as active,
    count(*) filter (where ledger.state <> 'active') as ended,
    count(*) filter (
        where
        ledger.state = 'active'
        and ledger.ends_on <= (select max(as_of) from sync.runs) + interval 30 day
    ) as ending_soon,
from sync.ledger as ledger
group by all
order by all
