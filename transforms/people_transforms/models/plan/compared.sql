-- grain: person_id, account_key
-- kind: view
-- Every account by the mart and the ledger: what was decided, and what needs nothing as drafted.
select
    * exclude (mart_account_key),
    '{}' as changes,
    false as is_conflict,
from plan.drafts
where operation = 'none'
union all by name
select * exclude (mart_account_key, is_rekeyed) from plan.decided
