-- grain: person_id, account_key
-- kind: view
-- Every account with what it needs by the mart, the ledger and the platform's lists, and what holds
-- it already: nothing is to be written at another's account, or at a place outside the settings.
with

strangers as (

    select distinct
        person_id,
        account_key,
    from plan.foreign_accounts

)

select
    accounts.person_id,
    accounts.account_key,
    accounts.employer_id,
    accounts.external_id,
    accounts.account_id,
    accounts.operation,
    accounts.leaving_kind,
    accounts.reason,
    accounts.changes,
    accounts.is_announced,
    accounts.starts_on,
    accounts.ends_on,
    accounts.spell_starts_on,
    accounts.unbroken_since_on,
    accounts.desired_state,
    accounts.held_state,
    accounts.held_external_id,
    accounts.payload_hash,
    null::varchar as hold,
from plan.with_adoptions as accounts
left join plan.undone as undone
    on accounts.person_id = undone.person_id and accounts.account_key = undone.account_key
where accounts.operation = 'none' and undone.person_id is null
union all
select
    resettled.person_id,
    resettled.account_key,
    resettled.employer_id,
    resettled.external_id,
    resettled.account_id,
    resettled.operation,
    resettled.leaving_kind,
    resettled.reason,
    resettled.changes,
    resettled.is_announced,
    resettled.starts_on,
    resettled.ends_on,
    resettled.spell_starts_on,
    resettled.unbroken_since_on,
    resettled.desired_state,
    resettled.held_state,
    resettled.held_external_id,
    resettled.payload_hash,
    case
        when outside.person_id is not null then 'outside_settings'
        when
            strangers.person_id is not null and resettled.operation in ('create', 'adopt')
            then 'foreign_account'
        when resettled.is_conflict then 'conflict'
    end as hold,
from plan.resettled as resettled
left join plan.outside as outside
    on resettled.person_id = outside.person_id and resettled.account_key = outside.account_key
left join strangers
    on resettled.person_id = strangers.person_id and resettled.account_key = strangers.account_key
