-- grain: person_id, account_key
-- Who would get a second account, and whether the one that is there is taken over: it has no id,
-- the name is the same, and no other one matches. With less, two people's values conflict; so too
-- where the name may differ, and has no word in common, and nothing else tells the same person.
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
        listed.is_of_name,
        listed.tells_alone,
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
        coalesce(bool_or(tells_alone and folded(value_before) = folded(value_after)), false)
            as is_told,
        flatten(
            list(string_split_regex(folded(value_before), '[^\pL]+'))
            filter (where is_of_name and value_before is not null)
        ) as words_there,
        flatten(
            list(string_split_regex(folded(value_after), '[^\pL]+'))
            filter (where is_of_name and value_after is not null)
        ) as words_here,
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

judged as (

    select
        * exclude (words_there, words_here),
        list_filter(words_there, lambda one: length(one) > 1) as words_there,
        list_filter(words_here, lambda one: length(one) > 1) as words_here,
    from verdicts

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
        coalesce(to_json(map_from_entries(judged.changed))::varchar, '{}') as changes,
    from met
    inner join judged
        on
            met.person_id = judged.person_id
            and met.account_key = judged.account_key
            and met.turn = judged.turn
    where
        judged.is_same_name
        and (
            judged.is_told
            or coalesce(len(judged.words_there), 0) = 0
            or coalesce(len(judged.words_here), 0) = 0
            or list_has_any(judged.words_there, judged.words_here)
        )
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
