-- Whose account ended, and whose will end because the last day is known; one row per person and account.
with

leaving as (

    select
        runs.as_of as day,
        true as has_ended,
        plan.person_id,
        plan.employer_id,
        plan.account_key,
        coalesce(plan.leaving_kind, 'ended') as leaving_kind,
    from sync.plan as plan
    inner join sync.runs as runs
        on plan.run_id = runs.run_id
    where
        plan.operation = 'deactivate'
        and plan.outcome in ('confirmed', 'partly')
    union all
    select
        ledger.ends_on as day,
        false as has_ended,
        ledger.person_id,
        ledger.employer_id,
        ledger.account_key,
        'ended' as leaving_kind,
    from sync.ledger as ledger
    where
        ledger.state = 'active'
        and ledger.ends_on is not null

)

select
    leaving.day,
    {person},
    {employer},
    {account},
    leaving.has_ended,
    {reason},
    leaving.person_id,
from leaving
left join people.people as people
    on leaving.person_id = people.person_id
left join people.employers as employers
    on leaving.employer_id = employers.employer_id
left join sync.places as places
    on leaving.account_key = places.account_key
left join sync.words as words
    on
        words.kind = 'leaving'
        and leaving.leaving_kind = words.code
