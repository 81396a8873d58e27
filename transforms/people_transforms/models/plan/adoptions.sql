-- grain: person_id, account_key
-- Who would get a second account, and whether the one that is there is taken over: it has no id,
-- the name is the same, and no other one matches. With less, two people's values conflict; so too
-- where the name may differ, and has no word in common, and nothing else tells the same person.
with

met as (

    select * from plan.met_accounts

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
    inner join plan.met_verdicts as judged
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
