-- grain: level, employer_id, value_id, known_from_run
-- Alveno has no extra fields.
select
    null::varchar as level,
    null::varchar as employer_id,
    null::varchar as value_id,
    null::varchar as person_id,
    null::varchar as field_name,
    null::varchar as typed_name,
    null::varchar as typed_value,
    null::varchar as known_from_run,
    null::varchar as known_to_run,
where false
