-- Who is in the HR system and has no account, since which day and why; one row per person.
with

reasons as (

    select
        verdicts.person_id,
        'reason' as kind,
        verdicts.reason as code,
        runs.as_of as day,
    from sync.verdicts as verdicts
    left join sync.runs as runs
        on verdicts.valid_from_run = runs.run_id
    where verdicts.valid_to_run is null
    union all
    select
        plan.person_id,
        'hold' as kind,
        plan.hold as code,
        min(runs.as_of) as day,
    from sync.plan as plan
    inner join sync.runs as runs
        on plan.run_id = runs.run_id
    where
        plan.hold is not null
        and plan.operation in ('create', 'reactivate')
        and exists (
            select 1 from sync.plan as latest
            where
                latest.run_id = (select max(run_id) from sync.runs where plan_hash is not null)
                and latest.person_id = plan.person_id
                and latest.hold = plan.hold
        )
    group by
        plan.person_id,
        plan.hold

),

one_per_person as (

    select
        reasons.person_id,
        min(reasons.kind) as kind,
        arg_min(reasons.code, reasons.kind || ' ' || coalesce(reasons.code, '')) as code,
        arg_min(reasons.day, reasons.kind || ' ' || coalesce(reasons.code, '')) as day,
    from reasons
    where not exists (
        select 1 from sync.ledger as ledger
        where
            ledger.person_id = reasons.person_id
            and ledger.state = 'active'
    )
    group by reasons.person_id

)

select
    one_per_person.day,
    {person},
    {employer},
    {email},
    {reason},
    one_per_person.person_id,
from one_per_person
inner join people.people as people
    on one_per_person.person_id = people.person_id
left join people.employers as employers
    on people.employer_id = employers.employer_id
left join sync.words as words
    on
        one_per_person.kind = words.kind
        and one_per_person.code = words.code
