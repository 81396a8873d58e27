-- grain: person_id, account_key
-- An active diner has a name and a first day.
select
    person_id,
    account_key,
from mart.lunchdrive_diners
where
    desired_state = 'active'
    and (first_name is null or last_name is null or valid_from is null)
