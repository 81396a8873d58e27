-- grain: one row
-- How many people are several at once: three, or two where there are few.
select if(count(distinct held.person_id) < 20, 2, 3) as people
from sync.ledger as held
where held.state = 'active'
