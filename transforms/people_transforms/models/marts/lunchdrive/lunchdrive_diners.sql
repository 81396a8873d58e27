-- grain: person_id, account_key
-- What Lunchdrive should have: who is active at which client, who ends, who is left alone, why.
with

accounts as (

    select
        *,
        unnest(account_keys) as account_key,
    from mart.lunchdrive_routing

),

decided as (

    select
        *,
        case
            when routing_reason = 'assigned_in_part'
                then if(account_key = '*', 'ldid_unknown_client', 'assigned')
            else routing_reason
        end as reason,
        -- In a bridged gap the account keeps the first day of the contract before it.
        if(employment_status not in ('starts_later', 'gap_bridged'), starts_on, null) as valid_from,
        -- The end of the whole spell: a night that fails between two contracts costs no lunch.
        if(knows_days, ends_on, null) as valid_to,
        list_concat(
            if(not knows_days or employment_status = 'gap_bridged', ['valid_from'], []::varchar[]),
            if(not knows_days, ['valid_to'], []::varchar[]),
            if(is_chip_unsaid, ['chip_number'], []::varchar[])
        ) as kept_fields,
        -- Lunchdrive takes 64 characters; two GUIDs are longer, and one is enough.
        if(
            length(person_id) <= 64, person_id,
            getvariable('source_system') || ':' || employee_id
        ) as external_id,
    from accounts

)

select
    person_id,
    account_key,
    employer_id,
    external_id,
    case
        when account_key <> '*' then 'active'
        when reason in ('deceased', 'employment_ended', 'between_employments', 'ldid_missing')
            then 'ended'
        when reason = 'ldid_zero' and on_ldid_zero = 'deactivate' then 'ended'
        when reason in (
            'starts_later', 'start_unknown', 'ends_before_start', 'no_employment', 'gap_bridged',
            'name_missing', 'email_missing',
            'ldid_malformed', 'ldid_unknown_client', 'ldid_near_miss'
        ) then 'update_only'
        else 'untouched'
    end as desired_state,
    case
        when reason in ('deceased', 'employment_ended', 'between_employments') then 'ended'
        when reason = 'ldid_missing' then 'routed_away'
        when reason = 'ldid_zero' and on_ldid_zero = 'deactivate' then 'opted_out'
    end as leaving_kind,
    reason,
    starts_on,
    ends_on,
    spell_starts_on,
    unbroken_since_on,
    kept_fields,
    md5(concat_ws(
        chr(31),
        coalesce(external_id, chr(0)),
        coalesce(prefixed_number, chr(0)),
        coalesce(first_name, chr(0)),
        coalesce(last_name, chr(0)),
        coalesce(lower(email), chr(0)),
        coalesce(chip_number, chr(0)),
        coalesce(valid_from::varchar, chr(0)),
        coalesce(valid_to::varchar, chr(0)),
        array_to_string(kept_fields, ' ')
    )) as payload_hash,
    prefixed_number as personal_number,
    first_name,
    last_name,
    email,
    chip_number,
    valid_from,
    valid_to,
from decided
