-- grain: person_id, account_key
-- The account of whoever may be a former person, and the end of that person's for being absent.
-- Released, it is another person: the new account is made and the old one ends.
with

planned as (

    select * from plan.changes

),

lookalikes as (

    select * from plan.open_lookalikes

)

select
    person_id,
    account_key,
    row_hash,
    'rekeyed' as kind,
    'a new record looks like somebody who has an account already' as reason,
from planned
where
    (
        operation in ('create', 'adopt')
        and person_id in (select lookalikes.person_id from lookalikes)
    )
    or (
        operation = 'deactivate'
        and leaving_kind = 'absent'
        and person_id in (select lookalikes.former_id from lookalikes)
    )
