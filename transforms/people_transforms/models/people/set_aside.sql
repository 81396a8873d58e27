-- grain: person_id
-- People of whom a record could not be read in this run: nothing is decided about them today.
with

rejected as (

    select
        employer_id,
        field,
        string_split(record_key, '/') as key_parts,
    from sync.rejected_records
    where
        run_id = getvariable('run_id')
        and stream in ('employees', 'employments')

)

select
    person_id(getvariable('source_system'), key_parts[1], key_parts[2]) as person_id,
    min(employer_id) as employer_id,
    min(field) as field,
from rejected
where
    len(key_parts) >= 2
    and key_parts[2] <> '?'
group by all
