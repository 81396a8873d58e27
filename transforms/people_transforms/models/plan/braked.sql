-- grain: person_id, account_key
-- What the brakes hold and why: of the kinds that reach their limit, in one place or in all, the
-- first in turn. What ended in the days before counts for the brake that remembers it.
with

counted as (

    select * from plan.counted

),

brakes as (

    select * from plan.brakes

),

removed_lately as (

    select * from plan.removed_lately

),

active as (

    select
        account_key,
        count(*) as accounts,
    from sync.ledger
    where vendor = getvariable('vendor') and state = 'active'
    group by account_key

),

changes as (

    select
        kind,
        subject,
        account_key,
        count(*) as changes,
    from counted
    group by kind, subject, account_key

),

memory as (

    -- What counts beside tonight's changes, for the brake that remembers.
    select
        brakes.kind,
        removed_lately.account_key,
        removed_lately.removed,
    from brakes
    cross join removed_lately
    where brakes.remembers

),

here as (

    select
        changes.kind,
        changes.subject,
        changes.account_key,
        changes.changes + coalesce(memory.removed, 0) as changes,
        coalesce(active.accounts, 0) + coalesce(memory.removed, 0) as accounts,
    from changes
    left join active on changes.account_key = active.account_key
    left join memory
        on changes.kind = memory.kind and changes.account_key = memory.account_key

),

changes_everywhere as (

    select
        kind,
        subject,
        sum(changes) as changes,
    from changes
    group by kind, subject

),

active_everywhere as (

    select coalesce(sum(accounts), 0) as accounts from active

),

memory_everywhere as (

    select
        kind,
        sum(removed) as removed,
    from memory
    group by kind

),

everywhere as (

    select
        changes.kind,
        changes.subject,
        '*' as account_key,
        changes.changes + coalesce(earlier.removed, 0) as changes,
        known.accounts + coalesce(earlier.removed, 0) as accounts,
    from changes_everywhere as changes
    cross join active_everywhere as known
    left join memory_everywhere as earlier on changes.kind = earlier.kind

),

places as (

    select * from here
    union all
    select * from everywhere

),

reached as (

    select
        places.*,
        brakes.turn,
        brakes.label,
        greatest(brakes.at_least, brakes.share * places.accounts) as limit_of_changes,
    from places
    inner join brakes on places.kind = brakes.kind
    where
        least(places.changes, coalesce(brakes.at_most, places.changes))
        >= greatest(brakes.at_least, brakes.share * places.accounts)

)

select
    counted.person_id,
    counted.account_key,
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
inner join reached
    on
        counted.kind = reached.kind
        and counted.subject = reached.subject
        and reached.account_key in ('*', counted.account_key)
qualify row_number() over (
    partition by counted.person_id, counted.account_key
    order by reached.turn, reached.subject, reached.account_key
) = 1
