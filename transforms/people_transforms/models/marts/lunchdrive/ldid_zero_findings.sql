-- grain: person_id
-- kind: view
-- Notes with `LDID: 0` of people who work or will: alone, before clients or after them.
select
    routes.person_id,
    routes.employer_id,
    case
        when routes.kind = 'ids' then 'ldid_zero_ignored'
        when len(routes.client_ids) > 0 then 'ldid_zero_first'
        else 'ldid_zero'
    end as code,
    if(routes.kind = 'skip' and len(routes.client_ids) = 0, 'info', 'warning') as severity,
from mart.ldid_routes as routes
semi join people.people as people
    on
        routes.person_id = people.person_id
        and people.is_staff
-- Of an account that stays kept_findings tells.
left join mart.kept_accounts as kept
    on routes.person_id = kept.person_id
where
    routes.kind = 'ids' and routes.has_zero
    or routes.kind = 'skip' and (kept.person_id is null or len(routes.client_ids) > 0)
