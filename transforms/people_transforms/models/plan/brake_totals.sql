-- grain: kind, subject, account_key
-- How many changes count for which brake, and of how many accounts: in each place, and in all
-- (`*`). What ended in the days before counts for the brake that remembers it.
with

counted as (

    select * from plan.counted

),

brakes as (

    select * from plan.brakes

),

removed_lately as (

    select * from plan.removed_lately

),

active as (

    select
        coalesce(ledger.account_key, '*') as account_key,
        count(*) as accounts,
    from sync.ledger as ledger
    where ledger.vendor = getvariable('vendor') and ledger.state = 'active'
    group by grouping sets (ledger.account_key, ())

),

changes as (

    select
        counted.kind,
        counted.subject,
        coalesce(counted.account_key, '*') as account_key,
        count(*) as changes,
    from counted
    group by
        grouping sets (
            (counted.kind, counted.subject, counted.account_key), (counted.kind, counted.subject)
        )

),

memory as (

    select
        coalesce(removed_lately.account_key, '*') as account_key,
        sum(removed_lately.removed) as removed,
    from removed_lately
    group by grouping sets (removed_lately.account_key, ())

)

select
    changes.kind,
    changes.subject,
    changes.account_key,
    changes.changes + if(brakes.remembers, coalesce(memory.removed, 0), 0) as changes,
    coalesce(active.accounts, 0) + if(brakes.remembers, coalesce(memory.removed, 0), 0) as accounts,
from changes
inner join brakes on changes.kind = brakes.kind
left join active on changes.account_key = active.account_key
left join memory on changes.account_key = memory.account_key
