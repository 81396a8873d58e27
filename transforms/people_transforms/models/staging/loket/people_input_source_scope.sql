-- grain: employer_id
-- The run that last changed an employer's stored user filters, which hide employments silently.
select
    employer_id,
    if(count(*) > 1, max(_valid_from_run), null) as changed_in_run,
from raw.loket__user_filter_settings
group by employer_id
