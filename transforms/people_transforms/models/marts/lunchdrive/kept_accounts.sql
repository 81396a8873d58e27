-- grain: person_id
-- kind: step
-- Who has an active account that HR's records or the settings no longer ask for, and that stays.
select
    wanted.person_id,
    wanted.employer_id,
    wanted.reason,
    wanted.starts_on,
from mart.lunchdrive_diners as wanted
cross join people.policy as policy
semi join sync.ledger as ledger
    on
        wanted.person_id = ledger.person_id
        and policy.vendor = ledger.vendor
        and ledger.state = 'active'
where
    wanted.desired_state in ('untouched', 'update_only')
    and wanted.reason in (
        'access_off', 'access_not_said', 'excluded_by_setting', 'starts_later', 'ldid_zero'
    )
