-- Who got an account, on which day and why; one row per person and account.
select
    runs.as_of as day,
    {person},
    {employer},
    {account},
    plan.starts_on as first_day,
    {reason},
    plan.person_id,
from sync.plan as plan
inner join sync.runs as runs
    on plan.run_id = runs.run_id
left join people.people as people
    on plan.person_id = people.person_id
left join people.employers as employers
    on plan.employer_id = employers.employer_id
left join sync.places as places
    on plan.account_key = places.account_key
left join sync.words as words
    on
        words.kind = 'reason'
        and plan.reason = words.code
where
    plan.operation in ('create', 'adopt', 'reactivate')
    and plan.outcome in ('confirmed', 'partly')
