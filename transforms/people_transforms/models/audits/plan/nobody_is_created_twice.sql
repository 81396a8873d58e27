-- grain: person_id, account_key
-- One row per person and place, and no second account: not for the same person, id or holder.
with

planned as (

    select * from plan.planned

),

doubled as (

    select
        person_id,
        account_key,
    from planned
    group by person_id, account_key
    having count(*) > 1

),

made as (

    select
        person_id,
        account_key,
        external_id,
    from planned
    where operation in ('create', 'adopt') and hold is null

),

same_id as (

    select
        min(person_id) as person_id,
        account_key,
    from made
    group by account_key, external_id
    having count(*) > 1

),

there_already as (

    select
        made.person_id,
        made.account_key,
    from made
    inner join sync.ledger as held
        on
            made.person_id = held.person_id
            and made.account_key = held.account_key
    where held.vendor = getvariable('vendor')

)

select * from doubled
union
select * from same_id
union
select * from there_already
