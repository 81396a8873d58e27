-- grain: person_id, account_key
-- Who would get a second account, and whether the one that is there is taken over: it has no id,
-- the name is the same, and no other one matches. With less, two people's values conflict.
with

met as (

    select * from plan.met_accounts

),

compared as (

    select
        met.person_id,
        met.account_key,
        met.turn,
        met.is_active,
        listed.field,
        listed.turn as field_turn,
        listed.is_name,
        listed.is_create_only,
        listed.is_unique,
        listed.is_last_day,
        met.fields ->> ('$.' || listed.field) as value_before,
        met.changes -> ('$.' || listed.field) ->> 1 as value_after,
    from met
    cross join plan.fields as listed
    where met.is_free and met.candidates = 1

),

verdicts as (

    select
        person_id,
        account_key,
        turn,
        bool_and(
            not is_name or coalesce(folded(value_before) = folded(value_after), false)
        ) as is_same_name,
        list((field, [value_before, value_after]) order by field_turn) filter (
            where
            not is_create_only
            and differs(value_before, value_after, is_unique)
            -- Of an account that comes back the last day goes, or it is over at once.
            and (value_after is not null or (is_last_day and not is_active))
        ) as changed,
    from compared
    group by person_id, account_key, turn

),

taken as (

    select
        met.person_id,
        met.account_key,
        met.turn,
        met.account_id,
        if(met.is_active, 'active', 'inactive') as held_state,
        if(
            met.is_active or coalesce(met.ended_on < met.unbroken_since_on, false), 'adopt', 'none'
        ) as operation,
        coalesce(to_json(map_from_entries(verdicts.changed))::varchar, '{}') as changes,
    from met
    inner join verdicts
        on
            met.person_id = verdicts.person_id
            and met.account_key = verdicts.account_key
            and met.turn = verdicts.turn
    where verdicts.is_same_name
    qualify row_number() over (partition by met.person_id, met.account_key order by met.turn) = 1

)

select
    met.person_id,
    met.account_key,
    taken.account_id,
    taken.held_state,
    taken.operation,
    taken.changes,
    coalesce(met.turn < taken.turn, true) as is_conflict,
from met
left join taken on met.person_id = taken.person_id and met.account_key = taken.account_key
qualify row_number() over (
    partition by met.person_id, met.account_key order by met.turn, met.account_id
) = 1
