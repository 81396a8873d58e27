-- grain: person_id, account_key
-- Accounts that were ours to give and have somebody else's values by now: of those that the lists
-- show, whose name has no word in common with the name that was delivered, or is wanted, and of
-- which nothing else tells the person. Somebody gave them away at the platform.
with

renamed as (

    select
        held.person_id,
        held.employer_id,
        held.account_key,
        found.is_active,
        found.fields as actual,
        held.fields as delivered,
        to_json(wanted) as wanted,
        policy.telling,
        policy.name_fields,
    from sync.ledger as held
    inner join plan.vendor_accounts as found
        on held.account_key = found.account_key and held.account_id = found.account_id
    cross join plan.policy as policy
    left join plan.wanted as wanted
        on held.person_id = wanted.person_id
    where
        held.vendor = getvariable('vendor')
        and account_name(found.fields, policy.name_fields)
        is distinct from account_name(held.fields, policy.name_fields)
    qualify row_number() over (
        partition by held.person_id, held.account_key
        order by wanted.account_key is not distinct from held.account_key desc, wanted.account_key
    ) = 1

),

judged as (

    select
        person_id,
        employer_id,
        account_key,
        is_active,
        coalesce(list_bool_or(list_transform(
            telling,
            lambda part: list_bool_and(list_transform(
                part,
                lambda field: coalesce(
                    folded(actual ->> ('$.' || field)) = folded(delivered ->> ('$.' || field)),
                    false
                ) or coalesce(
                    folded(actual ->> ('$.' || field)) = folded(wanted ->> ('$.' || field)), false
                )
            ))
        )), false) as is_theirs,
        name_words(account_name(actual, name_fields)) as words_there,
        name_words(account_name(delivered, name_fields)) as words_delivered,
        name_words(account_name(wanted, name_fields)) as words_wanted,
    from renamed

)

select
    person_id,
    employer_id,
    account_key,
    is_active,
from judged
where
    not is_theirs
    and len(words_there) > 0
    and len(words_delivered) > 0
    and not list_has_any(words_there, words_delivered)
    and not list_has_any(words_there, words_wanted)
