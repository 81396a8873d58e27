-- grain: level, employer_id, person_id, typed_name, known_from_run
-- For a source that has no extra fields.
select
    null::varchar as level,
    null::varchar as employer_id,
    null::varchar as person_id,
    null::varchar as typed_name,
    null::varchar as typed_value,
    null::varchar as known_from_run,
    null::varchar as known_to_run,
where false
