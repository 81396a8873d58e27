-- grain: code, employer_id, person_id
-- What was found and still is, with the day since when, or what was solved by the latest run.
with

latest as (

    select max(run_id) as run_id from sync.runs where plan_hash is not null

),

before as (

    select max(run_id) as run_id from sync.runs
    where plan_hash is not null and run_id < (select run_id from latest)

),

found as (

    select
        history.*,
        history.valid_to_run is null as is_open,
    from sync.findings_history as history
    where history.severity in ('warning', 'error')
        and (
            history.valid_to_run is null
            or history.valid_to_run = (select run_id from latest)
        )

)

select
    found.code,
    found.severity,
    found.person_id,
    found.employer_id,
    found.field,
    found.typed_value,
    found.args,
    found.is_open,
    nullif(concat_ws(' ',
        nullif(people.first_name, ''), nullif(people.prefix, ''), nullif(people.last_name, '')
    ), '') as person_name,
    people.personal_number,
    coalesce(employers.employer_name, found.employer_id) as employer_name,
    runs.as_of as since_on,
    runs.source_system,
    runs.vendor,
    found.valid_from_run > coalesce((select run_id from before), '') as is_new,
from found
left join people.people as people on found.person_id = people.person_id
left join people.employers as employers on found.employer_id = employers.employer_id
left join sync.runs as runs on found.valid_from_run = runs.run_id
order by found.severity, found.code, people.last_name, people.first_name, found.person_id
