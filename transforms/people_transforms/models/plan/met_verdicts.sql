-- grain: person_id, account_key, turn
-- kind: view
-- What the only account that a field finds has in common with whom it would be made for, and what
-- would change in it.
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

)

select
    * exclude (words_there, words_here),
    list_filter(words_there, lambda one: length(one) > 1) as words_there,
    list_filter(words_here, lambda one: length(one) > 1) as words_here,
from verdicts
