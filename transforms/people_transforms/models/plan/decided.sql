-- grain: person_id, account_key
-- What was drafted, with the fields that change: a change of nothing is none. A value that somebody
-- else keeps is left as it was, or holds the whole change where no account can be without one.
with

drafted as (

    select * from plan.changing

),

compared as (

    select
        listed.*,
        refused.field is not null as is_refused,
        if(
            refused.field is not null and not listed.is_required,
            listed.value_before,
            listed.value_after
        ) as value_left,
    from plan.account_fields as listed
    left join plan.refused_claims as refused
        on
            listed.person_id = refused.person_id
            and listed.account_key = refused.account_key
            and listed.field = refused.field

),

verdicts as (

    select
        person_id,
        account_key,
        bool_or(is_refused) as lacks_value,
        bool_or(is_refused and is_required) as is_conflict,
        list((field, [value_before, value_left]) order by turn) filter (
            where
            case
                when operation = 'deactivate' then value_left is distinct from value_before
                when is_create_only then operation = 'create' and value_left is not null
                when is_never_emptied and value_left is null then false
                else differs(value_left, value_before, is_unique)
            end
        ) as changed,
    from compared
    group by person_id, account_key

)

select
    drafted.* exclude (operation, reason, payload_hash),
    drafted.operation in ('update', 'reactivate')
    and coalesce(drafted.external_id <> drafted.held_external_id, false) as is_rekeyed,
    -- The vendor learns another external id too: a lost store finds the account by it.
    if(
        drafted.operation = 'update' and verdicts.changed is null and not is_rekeyed,
        'none',
        drafted.operation
    ) as operation,
    if(is_rekeyed, 'rekeyed', drafted.reason) as reason,
    coalesce(to_json(map_from_entries(verdicts.changed))::varchar, '{}') as changes,
    -- Without the hash the row is compared again when the value may have become free.
    if(coalesce(verdicts.lacks_value, false), null, drafted.payload_hash) as payload_hash,
    coalesce(verdicts.is_conflict, false) as is_conflict,
from drafted
left join verdicts
    on drafted.person_id = verdicts.person_id and drafted.account_key = verdicts.account_key
