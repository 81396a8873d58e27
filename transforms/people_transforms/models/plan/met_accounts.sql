-- grain: person_id, account_key, turn, account_id
-- Accounts that the ledger lacks and that match somebody who is to get one, per field that finds
-- them. Those in the ledger are somebody's already; claims on their values are settled.
with

fields as (

    select
        field,
        match_turn as turn,
    from plan.fields
    where match_turn is not null

),

sought as (

    select
        compared.person_id,
        compared.account_key,
        compared.changes,
        compared.unbroken_since_on,
        fields.turn,
        folded(compared.changes -> ('$.' || fields.field) ->> 1) as value,
    from plan.compared as compared
    cross join fields
    where compared.operation = 'create'

),

offered as (

    select
        found.*,
        fields.turn,
        folded(found.fields ->> ('$.' || fields.field)) as value,
    from plan.vendor_accounts as found
    cross join fields
    left join sync.ledger as held
        on
            found.account_key = held.account_key
            and found.account_id = held.account_id
            and held.vendor = getvariable('vendor')
    where held.account_id is null

)

select
    sought.person_id,
    sought.account_key,
    sought.changes,
    sought.unbroken_since_on,
    sought.turn,
    offered.account_id,
    offered.is_active,
    offered.fields,
    coalesce(offered.external_id, '') = '' as is_free,
    try_cast(left(offered.ended_on, 10) as date) as ended_on,
    count(*) over (
        partition by sought.person_id, sought.account_key, sought.turn
    ) as candidates,
from sought
inner join offered
    on
        sought.account_key = offered.account_key
        and sought.turn = offered.turn
        and sought.value = offered.value
