-- Changes that the platform refused and that are still open.
select
    letters.cause,
    letters.field,
    letters.operation,
    letters.account_key,
    letters.person_id,
    letters.message,
    letters.attempts,
    letters.first_run_id,
    letters.last_run_id,
from sync.dead_letters as letters
where not coalesce(letters.settled, false)
order by all
