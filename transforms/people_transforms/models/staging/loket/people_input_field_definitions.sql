-- grain: employer_id, typed_name
-- Extra fields that exist or existed at an employer, whether filled in or not.
select
    employer_id,
    typed_name,
    field_name,
    bool_or(is_current) as is_current,
from staging.stg_loket__custom_field_definitions
group by
    employer_id,
    typed_name,
    field_name
