-- grain: employer_id
-- In which run what the source shows of an employer last changed; null = it never did.
select
    employer_id,
    changed_in_run,
from staging.people_input_source_scope
