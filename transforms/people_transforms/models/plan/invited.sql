-- grain: person_id, account_key
-- Who is to be invited: once per spell of employment, and nobody who has no address. An update is
-- no reason not to be asked, nor is one that is refused night after night.
with

policy as (

    select * from plan.policy

),

invitations as (

    select
        known.*,
        runs.as_of as asked_on,
    from sync.invitations as known
    left join sync.runs as runs on known.run_id = runs.run_id
    where known.vendor = getvariable('vendor')

),

open_invitations as (

    select distinct
        person_id,
        account_key,
    from invitations
    where status in ('due', 'intent', 'failed')

),

candidates as (

    select
        settled.*,
        policy.invites_everybody,
    from plan.settled as settled
    inner join policy on policy.is_inviting
    left join open_invitations as due
        on settled.person_id = due.person_id and settled.account_key = due.account_key
    where
        settled.desired_state = 'active'
        and settled.hold is null
        and settled.reason <> 'undone'
        and settled.account_key <> '*'
        and (
            settled.operation in ('create', 'reactivate')
            or (
                settled.operation in ('update', 'none')
                and settled.held_state = 'active'
                and (policy.invites_everybody or due.person_id is not null)
            )
        )

)

select
    candidates.person_id,
    candidates.account_key,
from candidates
left join sync.ledger as held
    on
        candidates.person_id = held.person_id
        and candidates.account_key = held.account_key
        and held.vendor = getvariable('vendor')
where
    coalesce(candidates.changes -> '$.email' ->> 1, held.fields ->> '$.email') is not null
    and not exists (
        select 1 from invitations as known
        where
            known.person_id = candidates.person_id
            and known.account_key = candidates.account_key
            -- Whoever was asked within this spell was asked, whatever part of it was known then. A
            -- corrected first day is no new spell: the account goes on, or the day of asking is in
            -- it.
            and (
                coalesce(
                    known.spell_starts_on >= candidates.spell_starts_on,
                    candidates.spell_starts_on is null
                )
                or candidates.held_state = 'active'
                or candidates.spell_starts_on <= known.asked_on
            )
            and (
                known.status in ('sent', 'unknown')
                or (known.status = 'silent' and not candidates.invites_everybody)
            )
    )
