-- grain: person_id, employer_id, code, field, typed_value, args
-- What HR should know or mend for Alleo.
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    typed_value,
    args,
from mart.alleo_account_findings
union all
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    typed_value,
    args,
from mart.alleo_budget_findings
union all
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    null as typed_value,
    args,
from mart.kept_findings
