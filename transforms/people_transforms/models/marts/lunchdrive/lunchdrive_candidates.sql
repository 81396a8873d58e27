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
        when people.employment_status = 'set_aside' then 'record_set_aside'
        when people.employment_status = 'employer_gone' then 'employer_gone'
        when people.access = 'excluded_by_setting' then 'excluded_by_setting'
        when routes.kind = 'skip' then 'ldid_zero'
        when people.employment_status in ('deceased', 'employment_ended', 'between_employments')
            then people.employment_status
        when people.access = 'no' then 'access_off'
        when people.access = 'not_said' and policy.when_not_said = 'exclude' then 'access_not_said'
        when people.access in ('not_read', 'not_understood', 'contradictory')
            then 'access_' || people.access
        when people.employment_status <> 'employed' then people.employment_status
        when routes.kind = 'malformed' then 'ldid_malformed'
        when people.first_name is null or people.last_name is null then 'name_missing'
        when policy.missing_email = 'skip' and people.business_email is null then 'email_missing'
    end as obstacle,
from people.people as people
cross join mart.lunchdrive_policy as policy
left join mart.ldid_routes as routes
    on people.person_id = routes.person_id
left join mart.lunchdrive_chips as chips
    on people.person_id = chips.person_id
