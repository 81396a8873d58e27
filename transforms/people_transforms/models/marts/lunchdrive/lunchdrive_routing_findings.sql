-- grain: person_id, code, typed_value
-- kind: view
-- What HR should mend in the notes. Only the number itself is quoted, never the rest of a note.
with

routes as (

    select
        routes.*,
        policy.mode,
        policy.client_ids as our_client_ids,
        policy.is_any_client,
        list_filter(
            routes.client_ids,
            lambda id: not policy.is_any_client and not list_contains(policy.client_ids, id)
        ) as unknown_ids,
    from mart.ldid_routes as routes
    cross join mart.lunchdrive_policy as policy
    -- Leavers' notes need no mending.
    semi join people.people as people
        on
            routes.person_id = people.person_id
            and people.employment_status in ('employed', 'starts_later', 'start_unknown')

),

malformed as (

    select
        routes.*,
        advice.typed_value,
        -- A correction that is no client is probably a slip away from one.
        coalesce(list_filter(
            list_prepend(advice.corrected, routes.our_client_ids),
            lambda id: (routes.is_any_client or list_contains(routes.our_client_ids, id))
            and levenshtein(id, advice.corrected) <= 1
        )[1], advice.corrected) as corrected,
    from routes
    inner join mart.ldid_advice as advice
        on routes.person_id = advice.person_id
    where routes.kind = 'malformed'

),

unknown_clients as (

    select
        *,
        unnest(unknown_ids) as client_id,
    from routes
    where kind = 'ids' and len(unknown_ids) > 0

)

select
    person_id,
    employer_id,
    'ldid_malformed' as code,
    'warning' as severity,
    typed_value,
    json_object(
        'problem', problem,
        'suggestion', 'LDID: ' || coalesce(nullif(corrected, ''), our_client_ids[1], '32567')
    ) as args,
from malformed
union all
select
    person_id,
    employer_id,
    if(mode = 'single', 'ldid_other_client', 'ldid_unknown_client') as code,
    'warning' as severity,
    if(length(client_id) <= 7, client_id, null) as typed_value,
    json_object('suggestion', 'LDID: ' || coalesce(
        list_filter(our_client_ids, lambda id: levenshtein(id, client_id) <= 2)[1],
        our_client_ids[1]
    )) as args,
from unknown_clients
