-- grain: person_id
-- kind: view
-- Every person in Lunchdrive's terms, with where the note sends them and what stands in the way.
select
    people.*,
    policy.mode,
    policy.client_id,
    policy.default_client_id,
    policy.on_ldid_zero,
    policy.personal_number_prefix || people.personal_number as prefixed_number,
    chips.chip_number,
    -- Where the HR system has no chips, whoever typed one at the platform is not contradicted.
    chip_evidence.fact is null
    or (chips.typed_chip is not null and chips.chip_number is null) as is_chip_unsaid,
    if(
        length(people.business_email) <= 100
        and before_hidden(people.business_email) is null
        and regexp_full_match(people.business_email, '[^\s@,;<>]+@[^\s@,;<>]+\.[\pL\pN-]{2,}'),
        people.business_email,
        null
    ) as email,
    routes.kind as route_kind,
    list_filter(
        coalesce(routes.client_ids, []),
        lambda id: policy.is_any_client or list_contains(policy.client_ids, id)
    ) as target_ids,
    coalesce(len(routes.client_ids), 0) as named_count,
    case
        when people.rung <= 2 then people.people_obstacle
        when routes.kind = 'skip' then 'ldid_zero'
        when people.rung = 3 then people.people_obstacle
        when routes.kind = 'malformed' then 'ldid_malformed'
        when people.rung = 4 then people.people_obstacle
        when policy.missing_email = 'skip' and people.business_email is null then 'email_missing'
    end as obstacle,
from people.candidates as people
cross join mart.lunchdrive_policy as policy
left join mart.ldid_routes as routes
    on people.person_id = routes.person_id
left join mart.lunchdrive_chips as chips
    on people.person_id = chips.person_id
left join people.evidence as chip_evidence
    on
        people.employer_id = chip_evidence.employer_id
        and chip_evidence.fact = 'chip'
