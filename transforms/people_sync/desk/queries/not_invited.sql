-- grain: one row
-- Accounts that would get an invitation if everybody who was not invited yet is to get one.
select count(*) as mails
from sync.ledger as ledger
where ledger.state = 'active'
    and (ledger.fields ->> '$.email') is not null
    and not exists (
        select 1 from sync.invitations as known
        where known.vendor = ledger.vendor
            and known.person_id = ledger.person_id
            and known.account_key = ledger.account_key
            and coalesce(
                known.spell_starts_on >= ledger.spell_starts_on, ledger.spell_starts_on is null
            )
            and known.status in ('sent', 'unknown')
    )
