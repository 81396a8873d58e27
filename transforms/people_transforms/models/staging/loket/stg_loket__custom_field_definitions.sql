-- grain: employer_id, custom_field_id, known_from_run
-- The extra fields an employer has or had defined, all versions; the names are free text, so they
-- are compared folded.
select
    employer_id,
    custom_field_id,
    name as typed_name,
    lower(plain(name)) as field_name,
    _valid_from_run as known_from_run,
    _valid_to_run is null as is_current,
from raw.loket__custom_field_definitions
