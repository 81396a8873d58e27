-- grain: person_id
-- How often somebody was absent: on so many accepted business days the employer's lists were whole
-- without the person. A retry past midnight is no other day.
with

unlisted as (

    select * from plan.unlisted

),

closed as (

    -- The run that no longer had a person; nobody who is listed again, or was never read.
    select
        person_id,
        max(known_to_run) as closed_in_run,
    from people.person_history
    where entity = 'person' and person_id in (select unlisted.person_id from unlisted)
    group by person_id
    having count(*) = count(known_to_run)

),

whole_reads as (

    select
        run_id,
        employer_id,
    from sync.evidence
    where
        stream in ('employees', 'employments')
        and verdict = 'whole'
        and employer_id in (select unlisted.employer_id from unlisted)
    group by run_id, employer_id
    having count(*) = 2

)

select
    closed.person_id,
    count(distinct coalesce(runs.night_on, runs.as_of)) as absences,
from closed
inner join unlisted on closed.person_id = unlisted.person_id
inner join whole_reads
    on
        unlisted.employer_id = whole_reads.employer_id
        and closed.closed_in_run <= whole_reads.run_id
inner join sync.runs as runs on whole_reads.run_id = runs.run_id
-- A day that did not follow the last one was no day: a clock that ran ahead, or back.
where runs.accepted_on is not null or runs.finished_at is null
group by closed.person_id
