-- grain: typed_name
-- kind: step
-- Every way in which a name of an extra field is typed, folded for comparison.
with

spellings as materialized (

    select name as typed_name
    from raw.loket__employee_custom_fields
    union
    select name as typed_name
    from raw.loket__employment_custom_fields

)

select
    typed_name,
    lower(plain(typed_name)) as field_name,
from spellings
where typed_name is not null
