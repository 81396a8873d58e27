-- grain: person_id, account_key
-- Accounts that carry the external id of one of ours and that the ledger lacks. `is_theirs` says
-- whether they have one thing more of the person; where not, the ids of two HR accounts have met.
-- The vendor should have one of each; if it has more, the active one, then the oldest, is meant.
with

returning_people as (

    -- Whose active account is where HR no longer has them comes back to an old one.
    select distinct found.external_id
    from plan.vendor_accounts as found
    inner join plan.wanted as elsewhere
        on found.external_id = elsewhere.external_id and elsewhere.account_key <> '*'
    left join plan.wanted as here
        on found.external_id = here.external_id and found.account_key = here.account_key
    left join plan.wanted as anywhere
        on found.external_id = anywhere.external_id and anywhere.account_key = '*'
    where found.is_active and here.external_id is null and anywhere.external_id is null

),

claimed as (

    select
        found.*,
        claimants.person_id,
        claimants.employer_id,
        claimants.spell_starts_on,
        claimants.changes,
        policy.telling,
        to_json(wanted) as wanted,
    from plan.vendor_accounts as found
    inner join plan.claimants as claimants on found.external_id = claimants.external_id
    cross join plan.policy as policy
    left join plan.wanted as wanted
        on
            claimants.person_id = wanted.person_id
            and claimants.wanted_account_key = wanted.account_key
    left join sync.ledger as held
        on
            claimants.person_id = held.person_id
            and found.account_key = held.account_key
            and held.vendor = getvariable('vendor')
    left join sync.ledger as taken
        on
            found.account_id = taken.account_id
            and found.account_key = taken.account_key
            and taken.vendor = getvariable('vendor')
    where held.person_id is null and taken.person_id is null

),

judged as (

    select
        * exclude (ended_on, changes, telling, wanted),
        coalesce(list_bool_or(list_transform(
            telling,
            lambda part: list_bool_and(list_transform(
                part,
                lambda field: coalesce(
                    folded(fields ->> ('$.' || field)) = folded(coalesce(
                        wanted ->> ('$.' || field), changes -> ('$.' || field) ->> 1
                    )), false
                )
            ))
        )), false) as is_theirs,
        try_cast(left(ended_on, 10) as date) as ended_on,
    from claimed

)

select
    judged.*,
    case
        when judged.is_active then null
        when returning_people.external_id is not null then 'us'
        else 'other'
    end as ended_by,
from judged
left join returning_people on judged.external_id = returning_people.external_id
qualify row_number() over (
    partition by judged.person_id, judged.account_key
    order by
        judged.is_theirs desc, judged.is_active desc, length(judged.account_id) asc,
        judged.account_id asc, judged.spell_starts_on desc
) = 1
