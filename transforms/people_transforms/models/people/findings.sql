-- grain: person_id, employer_id, code, field, typed_value
-- What HR should mend in the source, whatever the benefit platform.
select
    person_id,
    employer_id,
    code,
    'warning' as severity,
    field,
    typed_value,
    json_object('suggestion', suggestion) as args,
from people.access_findings
union all
select
    person_id,
    employer_id,
    code,
    'warning' as severity,
    field,
    typed_value,
    '{}'::json as args,
from people.employment_findings
union all
select
    person_id,
    employer_id,
    code,
    'warning' as severity,
    field,
    typed_value,
    json_object('letter', letter, 'suggestion', suggestion) as args,
from people.text_findings
union all
select
    person_id,
    employer_id,
    code,
    'warning' as severity,
    field,
    typed_value,
    json_object('letter', letter, 'suggestion', suggestion) as args,
from people.field_name_findings
union all
select
    null as person_id,
    employer_id,
    code,
    'error' as severity,
    field,
    null as typed_value,
    args,
from people.evidence_findings
