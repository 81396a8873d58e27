-- grain: typed_name
-- For a source that has no extra fields.
select
    null::varchar as typed_name,
    null::varchar as field_name,
where false
