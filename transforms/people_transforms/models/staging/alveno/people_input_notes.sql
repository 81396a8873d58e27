-- grain: person_id, level, note
-- The notes that may name Lunchdrive clients; only the person's own note counts.
select
    person_id,
    employer_id,
    'employee' as level,
    note,
from staging.stg_alveno__employees
where note is not null
union all
select distinct
    person_id,
    employer_id,
    'employment' as level,
    note,
from staging.stg_alveno__employments
where note is not null
