-- grain: person_id
-- Of whom HR said something since the settings were last known to move nobody. What was kept of
-- nobody then, or is of nobody now, came or went with a setting and was not said by HR; nor is what
-- is new of nearly everybody: that is another release of the source. Of whom nothing is kept from
-- before (who takes no part, and is kept as a pseudonym) nobody knows what is new.
with

last_known as (

    select max(run_id) as run_id
    from sync.runs
    where settings_marks is not null and vendor = getvariable('vendor')

),

versions as (

    select
        history.person_id,
        history.entity,
        history.known_values,
        history.known_to_run is null as is_current,
        coalesce(history.known_from_run > last_known.run_id, false) as is_new,
        not is_new and coalesce(history.known_to_run > last_known.run_id, true) as was_current,
        lag(history.known_values) over (
            partition by history.person_id, history.entity, history.entity_id
            order by history.known_from_run
        ) as former_values,
    from people.person_history as history
    cross join last_known

),

fields as (

    select
        *,
        unnest(json_keys(known_values)) as field,
    from versions

),

told as (

    select
        person_id,
        entity,
        field,
        is_current,
        is_new,
        was_current,
        known_values ->> ('$."' || field || '"') as value,
        former_values ->> ('$."' || field || '"') as former_value,
    from fields

),

kept as (

    select
        entity,
        field,
    from told
    where value is not null
    group by entity, field
    having bool_or(was_current) and bool_or(is_current)

),

renewed as (

    select distinct told.person_id
    from told
    inner join kept on told.entity = kept.entity and told.field = kept.field
    where
        told.is_new
        and told.value is distinct from told.former_value
        and told.person_id in (
            select versions.person_id from versions
            where not versions.is_new
        )

)

select found.person_id
from renewed as found
where 10 * (select count(*) from renewed) <= 9 * (select count(*) from people.people)
