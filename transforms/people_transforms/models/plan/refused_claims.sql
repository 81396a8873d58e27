-- grain: person_id, account_key, field
-- Who may not have a value that two accounts may not share, and who has it: whoever holds it, else
-- the first by id.
with

leaving as (

    -- Holders that give the value up tonight, before anybody takes it.
    select
        person_id,
        account_key,
        field,
    from plan.account_fields
    where
        is_unique
        and operation in ('update', 'reactivate')
        and folded(value_after) is distinct from folded(value_before)
    union
    select
        ended.person_id,
        ended.account_key,
        told.field,
    from plan.changing as ended
    cross join plan.fields as told
    where ended.operation = 'deactivate'

),

taken as (

    -- What an ended account may still have is tried: the platform decides.
    select
        held.person_id,
        held.account_key,
        told.field,
        folded(held.fields ->> ('$.' || told.field)) as claimed,
    from sync.ledger as held
    cross join plan.fields as told
    where held.vendor = getvariable('vendor') and held.state = 'active' and told.is_unique

),

holders as (

    select
        claims.person_id,
        claims.account_key,
        claims.field,
        min(taken.person_id) as holder,
    from plan.claims as claims
    inner join taken
        on
            claims.account_key = taken.account_key
            and claims.field = taken.field
            and claims.claimed = taken.claimed
            and claims.person_id <> taken.person_id
    left join leaving
        on
            taken.person_id = leaving.person_id
            and taken.account_key = leaving.account_key
            and taken.field = leaving.field
    where leaving.person_id is null
    group by claims.person_id, claims.account_key, claims.field

),

judged as (

    select
        claims.person_id,
        claims.account_key,
        claims.field,
        coalesce(holders.holder, min(claims.person_id) over (
            partition by claims.account_key, claims.field, claims.claimed
        )) as holder,
    from plan.claims as claims
    left join holders
        on
            claims.person_id = holders.person_id
            and claims.account_key = holders.account_key
            and claims.field = holders.field

)

select * from judged
where holder <> person_id
