-- grain: person_id, level, note
-- For a source that keeps no notes.
select
    null::varchar as person_id,
    null::varchar as employer_id,
    null::varchar as level,
    null::varchar as note,
where false
