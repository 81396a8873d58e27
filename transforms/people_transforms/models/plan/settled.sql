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
    accounts.* exclude (is_conflict),
    null::varchar as hold,
from plan.with_adoptions as accounts
left join plan.undone as undone
    on accounts.person_id = undone.person_id and accounts.account_key = undone.account_key
where accounts.operation = 'none' and undone.person_id is null
union all by name
select
    resettled.* exclude (is_conflict),
    case
        when outside.person_id is not null then 'outside_settings'
        when strangers.person_id is not null then 'foreign_account'
        when resettled.is_conflict then 'conflict'
    end as hold,
from plan.resettled as resettled
left join plan.outside as outside
    on resettled.person_id = outside.person_id and resettled.account_key = outside.account_key
left join strangers
    on resettled.person_id = strangers.person_id and resettled.account_key = strangers.account_key
