-- grain: person_id, account_key
-- Which row of the mart speaks of an account that it does not name: that of all accounts (`*`), or,
-- if it names other accounts only, the first of those; then this one is not meant any more.
select
    unnamed.person_id,
    unnamed.account_key,
    wanted.account_key as mart_account_key,
from plan.unnamed as unnamed
inner join plan.wanted as wanted on unnamed.person_id = wanted.person_id
qualify row_number() over (
    partition by unnamed.person_id, unnamed.account_key
    order by wanted.account_key <> '*', wanted.account_key
) = 1
