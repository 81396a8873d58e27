-- grain: person_id
-- kind: view
-- People whose employment has an LDID while their own note names no client.
select
    notes.person_id,
    min(notes.employer_id) as employer_id,
    'ldid_on_employment' as code,
    'warning' as severity,
    'note' as field,
from mart.ldid_notes as notes
-- An `LDID:` without a number, or almost one, names none either.
anti join mart.ldid_routes as routes
    on notes.person_id = routes.person_id and routes.kind in ('ids', 'skip')
where notes.level = 'employment'
group by notes.person_id
