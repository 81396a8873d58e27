-- grain: person_id, account_key
-- Which changes would send again what the platform refused. An end is tried every night: meanwhile
-- the person has what HR says is over.
with

planned as (

    select * from plan.changes
    where operation <> 'deactivate'

),

letters as (

    select * from sync.dead_letters
    where not settled

),

updates as (

    select * from planned
    where operation = 'update' and changes <> '{}'

),

values_again as (

    -- The values of an update that were refused, each known by its hash.
    select
        updates.person_id,
        updates.account_key,
        updates.changes,
        count(distinct letters.field) as refused,
    from updates
    inner join letters
        on
            updates.person_id = letters.person_id
            and updates.account_key = letters.account_key
            and json_exists(updates.changes, '$.' || letters.field)
            and letters.value_hash = md5(coalesce(
                json_extract_string(updates.changes, '$.' || letters.field || '[1]'), ''
            ))
    group by updates.person_id, updates.account_key, updates.changes

)

select
    planned.person_id,
    planned.account_key,
from planned
inner join letters on planned.row_hash = letters.row_hash
union
select
    person_id,
    account_key,
from values_again
where refused = len(json_keys(changes))
