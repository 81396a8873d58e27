-- grain: person_id, account_key
-- Accounts that by everything else are somebody else's: with the external id of one of ours, or of
-- the ledger and given away at the platform.
select
    person_id,
    employer_id,
    account_key,
    is_active,
from plan.claimed_accounts
where not is_theirs
union all
select * from plan.handed_over
