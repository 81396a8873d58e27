-- grain: account_key
-- The companies or clients of a connection with how many people are in.
select account_key, count(*) filter (where state = 'active') as people
from sync.ledger
group by account_key
order by account_key
