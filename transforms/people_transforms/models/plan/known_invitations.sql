-- grain: person_id, account_key, spell_starts_on
-- Whom linking finds invited, at a platform that invites. Where the vendor says nothing the person
-- counts as invited: a second mail can't be unsent.
select
    getvariable('vendor') as vendor,
    linked.person_id,
    linked.account_key,
    linked.spell_starts_on,
    if(linked.invitation_state is null, 'unknown', 'sent') as status,
from plan.linked as linked
left join sync.invitations as known
    on
        linked.person_id = known.person_id
        and linked.account_key = known.account_key
        and known.vendor = getvariable('vendor')
where
    known.person_id is null
    and coalesce(linked.invitation_state, 'unknown') <> 'none'
