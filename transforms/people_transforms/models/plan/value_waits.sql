-- grain: person_id, account_key
-- Who needs a value that becomes free only with a change that is held, or that waits for such a one
-- itself.
with recursive

fields as (

    select
        turn,
        field,
    from plan.fields
    where is_unique

),

givers as (

    select
        planned.person_id,
        planned.account_key,
        fields.turn,
        fields.field,
        folded(known.fields ->> ('$.' || fields.field)) as value,
    from plan.changes as planned
    inner join sync.ledger as known
        on
            planned.person_id = known.person_id
            and planned.account_key = known.account_key
            and known.vendor = getvariable('vendor')
    cross join fields

),

takers as (

    select
        planned.person_id,
        planned.account_key,
        planned.row_hash,
        fields.field,
        folded(planned.changes -> ('$.' || fields.field) ->> 1) as value,
    from plan.changes as planned
    cross join fields
    where planned.operation in ('create', 'update', 'reactivate', 'adopt')

),

needs as (

    select
        takers.person_id,
        takers.account_key,
        takers.row_hash,
        givers.turn,
        givers.field,
        givers.person_id as giver_id,
    from takers
    inner join givers
        on
            takers.account_key = givers.account_key
            and takers.field = givers.field
            and takers.value = givers.value
            and takers.person_id <> givers.person_id

),

waits as (

    select needs.*
    from needs
    inner join plan.held as held
        on needs.giver_id = held.person_id and needs.account_key = held.account_key
    union
    select needs.*
    from needs
    inner join waits
        on needs.giver_id = waits.person_id and needs.account_key = waits.account_key

)

select
    person_id,
    account_key,
    row_hash,
    'value_waits' as kind,
    format('the {} belongs to an account whose change is held', min_by(field, turn)) as reason,
from waits
group by person_id, account_key, row_hash
