-- grain: person_id, account_key, field
-- The fields of the accounts that may need a call: as the platform has them, and as they are to be.
-- What HR's records say nothing of stays as the account has it; so does what was adopted until HR
-- changes theirs. With an end, what may be somebody else's now is emptied, and the last day is
-- told: never one to come, and of a rehire that HR took back nothing is left but the first day.
with

changing as (

    select * from plan.changing

),

told as (

    select
        changing.person_id,
        changing.account_key,
        changing.operation,
        changing.held_state,
        wanted.kept_fields,
        held.adopted,
        held.fields as held_fields,
        held.person_id is not null as is_held,
        to_json(wanted) as wanted,
        least(
            coalesce(changing.ends_on, policy.as_of - 1), policy.as_of - 1
        ) as last_day,
        try_cast(held.fields ->> ('$.' || policy.first_day_field) as date) as first_day,
    from changing
    cross join plan.policy as policy
    left join plan.wanted as wanted
        on
            changing.person_id = wanted.person_id
            and changing.mart_account_key = wanted.account_key
    left join sync.ledger as held
        on
            changing.person_id = held.person_id
            and changing.account_key = held.account_key
            and held.vendor = getvariable('vendor')

),

by_field as (

    select
        told.*,
        listed.*,
        told.held_fields ->> ('$.' || listed.field) as value_before,
        told.wanted ->> ('$.' || listed.field) as value_wanted,
    from told
    cross join plan.fields as listed
    where told.operation <> 'deactivate' or listed.is_released or listed.is_last_day

)

select
    * exclude (
        kept_fields, adopted, held_fields, is_held, wanted, last_day, first_day, value_wanted
    ),
    case
        when operation = 'deactivate' and is_last_day
            then greatest(last_day, first_day)::varchar
        when operation = 'deactivate' then null
        when
            (is_held and list_contains(kept_fields, field))
            or (
                json_exists(adopted, '$.' || field)
                and value_wanted is not distinct from (adopted -> ('$.' || field) ->> 0)
            )
            then value_before
        else value_wanted
    end as value_after,
from by_field
