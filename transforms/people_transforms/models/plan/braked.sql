-- grain: person_id, account_key
-- What the brakes hold and why: of the kinds that reach their limit, in one place or in all, the
-- first in turn.
with

counted as (

    select * from plan.counted

),

totals as (

    select * from plan.brake_totals

),

brakes as (

    select * from plan.brakes

),

reached as (

    select
        totals.*,
        brakes.turn,
        brakes.label,
        greatest(brakes.at_least, brakes.share * totals.accounts) as limit_of_changes,
    from totals
    inner join brakes on totals.kind = brakes.kind
    where
        least(totals.changes, coalesce(brakes.at_most, totals.changes))
        >= greatest(brakes.at_least, brakes.share * totals.accounts)

)

select
    counted.person_id,
    counted.account_key,
    planned.row_hash,
    reached.kind,
    format(
        '{} {} of {} active accounts {} (held from {})',
        reached.changes::bigint,
        replace(reached.label, '{}', replace(reached.subject, '_', ' ')),
        reached.accounts::bigint,
        if(reached.account_key = '*', 'in total', 'in ' || reached.account_key),
        greatest(1, ceil(reached.limit_of_changes))::bigint
    ) as reason,
from counted
inner join plan.free as planned
    on
        counted.person_id = planned.person_id
        and counted.account_key = planned.account_key
inner join reached
    on
        counted.kind = reached.kind
        and counted.subject = reached.subject
        and reached.account_key in ('*', counted.account_key)
qualify row_number() over (
    partition by counted.person_id, counted.account_key
    order by reached.turn, reached.subject, reached.account_key
) = 1
