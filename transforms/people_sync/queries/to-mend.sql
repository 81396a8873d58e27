-- What HR should mend: the findings of the latest run, worst first.
select
    findings.severity,
    findings.code,
    findings.field,
    findings.typed_value,
    findings.person_id,
    findings.employer_id,
from sync.findings as findings
where
    findings.run_id = (select max(run_id) from sync.runs where plan_hash is not null)
    and findings.severity in ('error', 'warning')
order by
    findings.severity,
    findings.code,
    findings.employer_id,
    findings.person_id,
    findings.field
