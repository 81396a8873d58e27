-- grain: typed_name
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
    lower(nullif(trim(
        nfc_normalize(typed_name),
        ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)
    ), '')) as field_name,
from spellings
where typed_name is not null
