-- grain: person_id, account_key
-- What would make an account somebody else's: one id may be given to another person. Several in one
-- night are another HR account's people, so everything waits.
with

planned as (

    select * from plan.changes

),

firm_holds as (

    select * from plan.firm_holds

),

approved as (

    select distinct row_hash from plan.approved

),

strangers as (

    select distinct person_id from plan.strangers

),

free as (

    -- Who conflicts over a value with somebody, and is somebody else, is asked for as the latter.
    select
        planned.person_id,
        planned.account_key,
        planned.row_hash,
        firm_holds.kind is not null as is_conflict,
        strangers.person_id is not null as is_stranger,
    from planned
    left join approved on planned.row_hash = approved.row_hash
    left join firm_holds
        on
            planned.person_id = firm_holds.person_id
            and planned.account_key = firm_holds.account_key
    left join strangers on planned.person_id = strangers.person_id
    where
        approved.row_hash is null
        and coalesce(firm_holds.kind = 'conflict', true)

),

numbers as (

    select count(distinct person_id) as strangers from free
    where is_stranger

)

select
    free.person_id,
    free.account_key,
    free.row_hash,
    if(free.is_stranger, 'identity', 'wrong_source') as kind,
    if(
        free.is_stranger,
        'somebody else seems to have the id now',
        format(
            '{} ids belong to other people now: this may be another HR account', numbers.strangers
        )
    ) as reason,
from free
cross join numbers
cross join plan.several as several
where
    free.is_stranger
    or (not free.is_conflict and numbers.strangers >= several.people)
