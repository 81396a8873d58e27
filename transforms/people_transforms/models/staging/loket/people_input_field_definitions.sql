-- grain: employer_id, typed_name
-- Extra fields that exist at an employer, whether filled in or not.
select distinct
    employer_id,
    typed_name,
    field_name,
from staging.stg_loket__custom_field_definitions
