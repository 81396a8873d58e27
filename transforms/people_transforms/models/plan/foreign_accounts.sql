-- grain: person_id, account_key
-- Accounts with the external id of one of ours that by everything else are somebody else's.
select
    person_id,
    employer_id,
    account_key,
    is_active,
from plan.claimed_accounts
where not is_theirs
