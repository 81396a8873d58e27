-- grain: person_id, employer_id, code, field
-- kind: view
-- Accounts that stay although HR may think that they ended, and places nothing is written to.
select
    kept.person_id,
    kept.employer_id,
    case
        when kept.reason = 'excluded_by_setting' then 'kept_excluded'
        else 'kept_' || kept.reason
    end as code,
    if(kept.reason = 'excluded_by_setting', 'info', 'warning') as severity,
    case kept.reason
        when 'starts_later' then 'starts_on'
        else policy.access_field
    end as field,
    json_object('on', if(kept.reason = 'starts_later', kept.starts_on, null)) as args,
from mart.kept_accounts as kept
cross join people.policy as policy
union all
select
    null as person_id,
    min(employer_id) as employer_id,
    'accounts_outside' as code,
    'warning' as severity,
    null as field,
    json_object('account', account_key, 'people', count(*)) as args,
from mart.outside_accounts
group by account_key
