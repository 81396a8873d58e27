-- What happened to people and what HR was told, from which day until which day; null = still so.
with

happened as (

    select
        plan.person_id,
        plan.employer_id,
        plan.account_key,
        'sent' as kind,
        'operation' as words_kind,
        plan.operation as code,
        plan.run_id as from_run,
        plan.run_id as until_run,
    from sync.plan as plan
    where
        plan.outcome in ('confirmed', 'partly')
        and plan.operation <> 'none'
    union all
    select
        verdicts.person_id,
        null as employer_id,
        verdicts.account_key,
        'decided' as kind,
        'reason' as words_kind,
        verdicts.reason as code,
        verdicts.valid_from_run as from_run,
        verdicts.valid_to_run as until_run,
    from sync.verdicts as verdicts
    union all
    select
        findings.person_id,
        findings.employer_id,
        null as account_key,
        'finding' as kind,
        'finding' as words_kind,
        findings.code,
        findings.valid_from_run as from_run,
        findings.valid_to_run as until_run,
    from sync.findings_history as findings
    where findings.severity in ('warning', 'error')
    union all
    select
        letters.person_id,
        null as employer_id,
        letters.account_key,
        'refused' as kind,
        'operation' as words_kind,
        letters.operation as code,
        letters.first_run_id as from_run,
        if(letters.settled, letters.last_run_id, null) as until_run,
    from sync.dead_letters as letters

)

select
    began.as_of as day,
    ended.as_of as until_day,
    {person},
    {employer},
    {account},
    happened.kind,
    words.nl as what_nl,
    words.cs as what_cs,
    words.en as what_en,
    happened.person_id,
from happened
inner join sync.runs as began
    on happened.from_run = began.run_id
left join sync.runs as ended
    on happened.until_run = ended.run_id
left join people.people as people
    on happened.person_id = people.person_id
left join people.employers as employers
    on coalesce(happened.employer_id, people.employer_id) = employers.employer_id
left join sync.places as places
    on happened.account_key = places.account_key
left join sync.words as words
    on
        happened.words_kind = words.kind
        and happened.code = words.code
