-- grain: person_id
-- Of whom HR said something since the settings were last known to move nobody. A record that is new
-- for nearly everybody is a column or a release, and no word of HR.
with

renewed as (

    select distinct versions.person_id
    from people.person_history as versions
    where versions.known_from_run > (
        select max(runs.run_id) from sync.runs as runs
        where runs.settings_marks is not null and runs.vendor = getvariable('vendor')
    )

),

numbers as (

    select count(*) as people from renewed

)

select renewed.person_id
from renewed
cross join numbers
where 10 * numbers.people <= 9 * (select count(*) from people.people)
