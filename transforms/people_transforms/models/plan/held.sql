-- grain: person_id, account_key
-- kind: view
-- What holds each change as things stand: of the holds that no approval has released, the first in
-- turn.
with

holds as (

    select * from plan.holds

),

kinds as (

    select * from plan.hold_kinds

),

approved as (

    select distinct row_hash from plan.approved

)

select
    holds.person_id,
    holds.account_key,
    holds.row_hash,
    holds.kind,
    holds.reason,
    kinds.is_releasable,
from holds
inner join kinds on holds.kind = kinds.kind
left join approved on holds.row_hash = approved.row_hash
where not kinds.is_releasable or approved.row_hash is null
qualify row_number() over (
    partition by holds.person_id, holds.account_key
    order by kinds.turn, holds.reason
) = 1
