-- grain: one row
-- How the last run of a connection ended, when one was good, and how many people there are.
with

runs as (

    select *, (steps -> '$[*].people')[1]::bigint as people
    from sync.runs

),

latest as (

    select * from runs
    order by run_id desc
    limit 1

),

counted as (

    select
        max_by(runs.people, runs.started_at) as people,
        min_by(runs.people, runs.started_at) as people_before,
    from runs
    cross join latest
    where runs.people is not null
        and runs.started_at >= latest.started_at - interval 7 day

)

select
    latest.status,
    latest.outcome,
    latest.started_at as last_run_at,
    latest.counts,
    (select max(finished_at) from runs where status in ('in_order', 'quiet', 'needs_you', 'partly')) as last_good_at,
    (select count(*) from sync.findings where severity <> 'info') as findings,
    counted.people,
    counted.people - counted.people_before as people_trend,
from latest
cross join counted
