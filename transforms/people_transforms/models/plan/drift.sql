-- grain: person_id, account_key, field
-- Accounts that are not as we left them, of the lists that were read, and what happens to each:
-- nothing where HR wants it so by now (`agreed`), else what the settings say. `state` is a field
-- like the others: an account that is missing, or ended or revived by somebody else.
with

pairs as (

    select * from plan.listed_accounts

),

by_field as (

    select
        pairs.person_id,
        pairs.account_key,
        pairs.employer_id,
        pairs.account_id,
        pairs.ended_on,
        false as is_doubted,
        listed.field,
        pairs.delivered ->> ('$.' || listed.field) as delivered,
        pairs.actual ->> ('$.' || listed.field) as actual,
        pairs.wanted ->> ('$.' || listed.field) as wanted,
        pairs.spelled ->> ('$.' || listed.field) as spelled,
    from pairs
    cross join plan.fields as listed
    where
        pairs.delivered_state = 'active'
        and pairs.actual_state = 'active'
        and not listed.is_create_only

),

by_state as (

    select
        person_id,
        account_key,
        employer_id,
        account_id,
        ended_on,
        is_doubted,
        'state' as field,
        delivered_state as delivered,
        actual_state as actual,
        wanted_state as wanted,
        null::varchar as spelled,
    from pairs
    where
        delivered_state <> actual_state
        and not (delivered_state = 'inactive' and actual_state = 'missing')

),

found as (

    select * from by_field
    union all
    select * from by_state

)

select
    found.person_id,
    found.account_key,
    found.employer_id,
    found.account_id,
    found.field,
    found.actual,
    found.wanted,
    found.ended_on,
    case
        when folded(found.actual) = folded(found.wanted) then 'agreed'
        when found.is_doubted then 'ignore'
        when list_contains(policy.repairs, found.field) then 'repair'
        when list_contains(policy.adopts, found.field) then 'adopt'
        else 'ignore'
    end as policy,
from found
cross join plan.policy as policy
-- Vendors trim, and write addresses and chips in their own case. A field that HR never filled in is
-- the vendor's own.
where
    coalesce(found.delivered, found.wanted) is not null
    and differs(coalesce(found.actual, ''), coalesce(found.delivered, ''), true)
    -- What the vendor made of a value when it took it is nobody's change.
    and found.actual is distinct from found.spelled
