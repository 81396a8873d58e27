-- grain: person_id, account_key, question, run_id
-- kind: view
-- What the platform confirmed, also of nights that were purged from the log.
select
    person_id,
    account_key,
    question_of(operation) as question,
    run_id,
    1 as times,
from sync.deliveries
where status = 'confirmed'
union all
select
    person_id,
    account_key,
    question_of(operation) as question,
    last_run_id as run_id,
    times,
from sync.answered
