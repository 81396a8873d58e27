-- grain: level, person_id, field_name, typed_value, known_from_run
-- kind: step
-- Extra fields that a rule reads: current values, and those replaced since the accepted day before.
-- Only level `employee` has a say.
with

tonight as (

    select coalesce(max(coalesce(night_on, as_of)), getvariable('as_of')) as night_on
    from sync.runs
    where run_id = getvariable('run_id')

),

night_before as (

    select max(runs.run_id) as run_id
    from sync.runs as runs
    cross join tonight
    where
        runs.accepted_on is not null
        and coalesce(runs.night_on, runs.as_of) < tonight.night_on

)

select
    custom_fields.level,
    custom_fields.employer_id,
    custom_fields.person_id,
    read_fields.field_name,
    plain(custom_fields.typed_value) as typed_value,
    custom_fields.known_from_run,
    custom_fields.known_to_run,
    custom_fields.known_to_run is null as is_current,
    read_fields.is_access,
from staging.people_input_custom_fields as custom_fields
inner join people.read_fields as read_fields
    on custom_fields.typed_name = read_fields.typed_name
where
    custom_fields.known_to_run is null
    or custom_fields.known_to_run > (select night_before.run_id from night_before)
