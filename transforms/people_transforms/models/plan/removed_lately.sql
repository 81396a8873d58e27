-- grain: account_key
-- How many accounts ended in the last seven days without being announced, and without a question:
-- those whose rows are there, and the number of those whose rows were purged.
with

unasked_removals as (

    select * from plan.unasked_removals

),

purged as (

    select
        removed.account_key,
        removed.accounts,
    from sync.removed as removed
    inner join sync.runs as runs on removed.run_id = runs.run_id
    where
        runs.as_of <= getvariable('as_of')
        and runs.as_of > getvariable('as_of') - interval 7 day

),

counted as (

    select
        account_key,
        1 as accounts,
    from unasked_removals
    union all
    select
        account_key,
        accounts,
    from purged

)

select
    account_key,
    sum(accounts)::bigint as removed,
from counted
group by account_key
