-- grain: person_id, account_key
-- kind: view
-- Every account by the mart and the ledger: what was decided, and what needs nothing as drafted.
with

unchanged as (

    select * from plan.drafted
    where operation = 'none'
    union all by name
    select * from plan.absent
    where operation = 'none'

)

select
    person_id,
    account_key,
    employer_id,
    external_id,
    account_id,
    operation,
    leaving_kind,
    reason,
    is_announced,
    starts_on,
    ends_on,
    spell_starts_on,
    unbroken_since_on,
    desired_state,
    held_state,
    held_external_id,
    payload_hash,
    '{}' as changes,
    false as is_conflict,
from unchanged
union all
select
    person_id,
    account_key,
    employer_id,
    external_id,
    account_id,
    operation,
    leaving_kind,
    reason,
    is_announced,
    starts_on,
    ends_on,
    spell_starts_on,
    unbroken_since_on,
    desired_state,
    held_state,
    held_external_id,
    payload_hash,
    changes,
    is_conflict,
from plan.decided
