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
        list_filter(routes.client_ids, lambda id: not list_contains(policy.client_ids, id))
            as unknown_ids,
    from mart.ldid_routes as routes
    cross join mart.lunchdrive_policy as policy
    -- Leavers' notes need no mending.
    semi join people.people as people
        on
            routes.person_id = people.person_id
            and people.is_staff

),

malformed as (

    select
        routes.*,
        advice.typed_value,
        advice.corrected,
        -- A correction that is no client is probably a slip away from one.
        list_filter(
            routes.our_client_ids, lambda id: levenshtein(id, advice.corrected) <= 1
        ) as near_ids,
        list_filter(
            string_split(coalesce(advice.corrected, ''), ', '),
            lambda id: not routes.is_any_client and not list_contains(routes.our_client_ids, id)
        ) as strange_ids,
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
    where kind = 'ids' and not is_any_client

),

likened as (

    select
        *,
        list_filter(our_client_ids, lambda id: levenshtein(id, client_id) <= 1) as near_ids,
    from unknown_clients

)

select
    person_id,
    employer_id,
    'ldid_malformed' as code,
    'warning' as severity,
    typed_value,
    json_object('problem', problem, 'suggestion', 'LDID: ' || case
        -- No client is advised that nobody wrote: where several may be meant, all are named.
        when corrected <> '' and len(strange_ids) = 0 then corrected
        when len(near_ids) = 1 then near_ids[1]
        when len(our_client_ids) in (1, 2, 3) then array_to_string(our_client_ids, ' / LDID: ')
    end) as args,
from malformed
union all
select
    person_id,
    employer_id,
    if(mode = 'single', 'ldid_other_client', 'ldid_unknown_client') as code,
    'warning' as severity,
    if(length(client_id) <= 7, client_id, null) as typed_value,
    json_object('suggestion', 'LDID: ' || case
        when len(near_ids) = 1 then near_ids[1]
        when len(our_client_ids) in (1, 2, 3) then array_to_string(our_client_ids, ' / LDID: ')
    end) as args,
from likened
