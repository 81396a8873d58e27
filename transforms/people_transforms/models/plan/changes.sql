-- grain: person_id, account_key
-- What is to be done tonight, each change with its hash and its risk. The hash covers what is sent,
-- not the run, the clock or the holds.
with

invited as (

    select * from plan.invited

),

moved as (

    select
        person_id,
        min(from_key) as from_key,
    from plan.moves
    where is_given
    group by person_id

),

last_day as (

    select max(field) filter (where is_last_day) as field from plan.fields

),

decided as (

    select
        settled.* exclude (operation),
        if(settled.operation = 'none', 'invite', settled.operation) as operation,
        invited.person_id is not null as invites,
        if(
            settled.operation in ('create', 'adopt', 'reactivate'), moved.from_key, null
        ) as moves_from,
        -- A last day that HR did not say is the day before the run's: the same end, whenever it is
        -- sent.
        if(
            settled.operation = 'deactivate'
            and last_day.field is not null
            and (settled.changes ->> ('$.' || last_day.field || '[1]'))
            is distinct from settled.ends_on::varchar,
            json_merge_patch(settled.changes, json_object(last_day.field, null))::varchar,
            settled.changes
        ) as said,
    from plan.settled as settled
    cross join last_day
    left join invited
        on settled.person_id = invited.person_id and settled.account_key = invited.account_key
    left join moved on settled.person_id = moved.person_id
    where settled.operation <> 'none' or invited.person_id is not null

)

select
    * exclude (said),
    md5(concat_ws(
        chr(31),
        person_id,
        account_key,
        operation,
        coalesce(leaving_kind, chr(0)),
        coalesce(external_id, chr(0)),
        coalesce(account_id, chr(0)),
        said,
        invites::varchar,
        coalesce(moves_from, chr(0))
    )) as row_hash,
    case
        when operation = 'deactivate' then 'high'
        when operation in ('create', 'adopt', 'reactivate', 'invite') then 'medium'
        else 'low'
    end as risk,
from decided
