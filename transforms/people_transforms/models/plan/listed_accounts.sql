-- grain: person_id, account_key
-- Accounts of the ledger of which the lists that were read say something else, each beside what is
-- wanted. What we did ourselves in a run that was cut off is no drift.
select
    held.person_id,
    held.account_key,
    held.employer_id,
    held.account_id,
    held.state as delivered_state,
    held.fields as delivered,
    held.spelled,
    found.fields as actual,
    case
        when found.account_id is null then 'missing'
        when found.is_active then 'active'
        else 'inactive'
    end as actual_state,
    -- Who is to be ended is not wanted; who is only kept up to date is not missed.
    if(wanted.desired_state = 'active', 'active', null) as wanted_state,
    to_json(wanted) as wanted,
    try_cast(left(found.ended_on, 10) as date) as ended_on,
    -- What a list lacks that lacks most of them is perhaps there.
    found.account_id is null and doubted_places.account_key is not null as is_doubted,
from sync.ledger as held
inner join plan.read_places as places on held.account_key = places.account_key
left join plan.vendor_accounts as found
    on held.account_key = found.account_key and held.account_id = found.account_id
left join plan.wanted as wanted
    on held.person_id = wanted.person_id and held.account_key = wanted.account_key
left join plan.doubted_places as doubted_places
    on held.account_key = doubted_places.account_key
where
    held.vendor = getvariable('vendor')
    and held.person_id not in (select unsettled.person_id from plan.unsettled as unsettled)
    and (
        held.fields::varchar is distinct from found.fields
        or (held.state = 'active') is distinct from found.is_active
    )
