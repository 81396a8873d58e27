-- grain: employer_id, typed_name
-- For a source that has no extra fields.
select
    null::varchar as employer_id,
    null::varchar as typed_name,
    null::varchar as field_name,
    null::boolean as is_current,
where false
