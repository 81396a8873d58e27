-- How many active accounts there were after each day; one row per day, employer and account.
with

moves as (

    select
        runs.as_of as day,
        plan.employer_id,
        plan.account_key,
        sum(if(plan.operation = 'deactivate', -1, 1)) as difference,
    from sync.plan as plan
    inner join sync.runs as runs
        on plan.run_id = runs.run_id
    where
        plan.outcome in ('confirmed', 'partly')
        and plan.operation in ('create', 'adopt', 'reactivate', 'deactivate')
    group by
        runs.as_of,
        plan.employer_id,
        plan.account_key

),

now_active as (

    select
        employer_id,
        account_key,
        count(*) filter (where state = 'active') as people,
    from sync.ledger
    group by
        employer_id,
        account_key

),

days as (

    select distinct as_of as day
    from sync.runs
    where plan_hash is not null

),

counted as (

    -- From what there is now back to that day: what came later is taken off.
    select
        days.day,
        now_active.employer_id,
        now_active.account_key,
        any_value(now_active.people) - coalesce(sum(moves.difference), 0) as people,
    from days
    cross join now_active
    left join moves
        on
            now_active.employer_id is not distinct from moves.employer_id
            and now_active.account_key = moves.account_key
            and days.day < moves.day
    group by
        days.day,
        now_active.employer_id,
        now_active.account_key

)

select
    counted.day,
    {employer},
    {account},
    greatest(counted.people, 0)::bigint as people,
from counted
left join people.employers as employers
    on counted.employer_id = employers.employer_id
left join sync.places as places
    on counted.account_key = places.account_key
