-- grain: account_key, field, value, person_id
-- Who has, or takes tonight, a value that no two accounts of a place may share.
with

holders as (

    select
        held.account_key,
        held.person_id,
        listed.field,
        folded(held.fields ->> ('$.' || listed.field)) as value,
    from sync.ledger as held
    inner join plan.fields as listed on listed.is_unique
    where held.vendor = getvariable('vendor') and held.state = 'active'
    union
    select
        planned.account_key,
        planned.person_id,
        listed.field,
        folded(planned.changes -> ('$.' || listed.field) ->> 1) as value,
    from plan.with_adoptions as planned
    inner join plan.fields as listed on listed.is_unique
    where planned.operation in ('create', 'update', 'reactivate', 'adopt')

)

select * from holders
where value is not null
