-- grain: person_id, account_key
-- kind: view
-- Accounts that are written to the ledger without any call: they are our people's already.
select * exclude (is_theirs) from plan.claimed_accounts
where is_theirs
