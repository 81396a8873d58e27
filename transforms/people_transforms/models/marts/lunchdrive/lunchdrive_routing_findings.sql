-- grain: person_id, code, typed_value
-- kind: view
-- What HR should mend in the notes. Only the number itself is quoted, never the rest of a note.
with

routes as (

    select
        routes.*,
        routing.employer_id,
        routing.routing_reason,
        routing.target_ids,
        routing.mode,
        policy.client_ids as our_client_ids,
        regexp_extract(
            routes.problem_line,
            '^[Oo] *$|^[-+]?[OoIlSBZ]?[0-9][0-9OoIlSBZ]*[\pL]{0,3}'
            || '(( *[,;/|+&–-] *| +(a|i|nebo|alebo|či|and|und|en|or) +)'
            || '[OoIlSBZ]?[0-9][0-9OoIlSBZ]*[\pL]{0,3}){0,4}'
        ) as quoted_part,
    from mart.ldid_routes as routes
    inner join mart.lunchdrive_routing as routing
        on routes.person_id = routing.person_id
    cross join mart.lunchdrive_policy as policy

),

malformed as (

    select
        *,
        'ldid_malformed' as code,
        nullif(trim(quoted_part), '') as typed_value,
        array_to_string(regexp_extract_all(
            translate(quoted_part, 'OoIlSBZ', '0011582'), '[0-9]+'
        ), ', ') as corrected,
    from routes
    where kind = 'malformed'

),

unknown_clients as (

    select
        *,
        unnest(list_filter(client_ids, lambda id: not list_contains(target_ids, id))) as client_id,
    from routes
    where
        kind = 'ids'
        and len(target_ids) < len(client_ids)

)

select
    person_id,
    employer_id,
    code,
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
    -- A longer number is more likely a phone number than a client.
    if(length(client_id) <= 7, client_id, null) as typed_value,
    json_object('suggestion', 'LDID: ' || coalesce(
        list_filter(our_client_ids, lambda id: levenshtein(id, client_id) <= 2)[1],
        our_client_ids[1]
    )) as args,
from unknown_clients
union all
select
    person_id,
    employer_id,
    if(kind = 'skip', if(len(client_ids) > 0, 'ldid_zero_first', 'ldid_zero'), 'ldid_zero_ignored')
        as code,
    if(kind = 'skip' and len(client_ids) = 0, 'info', 'warning') as severity,
    null as typed_value,
    '{}'::json as args,
from routes
where
    kind = 'skip'
    or (kind = 'ids' and has_zero)
