-- grain: person_id, employer_id, code, field, typed_value, args
-- What HR should know or mend for Lunchdrive.
select
    person_id,
    employer_id,
    code,
    severity,
    'note' as field,
    typed_value,
    args,
from mart.lunchdrive_routing_findings
union all
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    typed_value,
    args,
from mart.lunchdrive_person_findings
union all
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    typed_value,
    '{}'::json as args,
from mart.lunchdrive_identity_findings
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
union all
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    null as typed_value,
    '{}'::json as args,
from mart.ldid_level_findings
union all
select
    person_id,
    employer_id,
    code,
    severity,
    'note' as field,
    null as typed_value,
    '{}'::json as args,
from mart.ldid_zero_findings
union all
select
    person_id,
    employer_id,
    code,
    severity,
    field,
    typed_value,
    '{}'::json as args,
from mart.lunchdrive_text_findings
