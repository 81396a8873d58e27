-- grain: person_id, account_key
-- What Alleo should have: who must be active in which company, who ends, who is left alone, why.
with

decided as (

    select
        * exclude (birth_on, joined_on),
        if(reason = 'deceased', null, birth_on) as birthday,
        if(reason = 'deceased' or not knows_days, null, joined_on) as work_anniversary,
        if(knows_days, []::varchar[], ['work_anniversary']) as kept_fields,
    from mart.alleo_decisions

)

select
    person_id,
    if(reason = 'entitled', company_id, '*') as account_key,
    employer_id,
    external_id,
    case
        when reason = 'entitled' then 'active'
        when reason in ('deceased', 'employment_ended', 'between_employments') then 'ended'
        when reason = 'access_off' and access_turned_off = 'deactivate' then 'ended'
        when reason in (
            'starts_later', 'start_unknown', 'ends_before_start', 'no_employment', 'gap_bridged',
            'email_missing', 'email_invalid', 'email_too_long', 'email_shared', 'name_missing'
        ) then 'update_only'
        else 'untouched'
    end as desired_state,
    case
        when reason in ('deceased', 'employment_ended', 'between_employments') then 'ended'
        when reason = 'access_off' and access_turned_off = 'deactivate' then 'flag_off'
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
        coalesce(lower(email), chr(0)),
        coalesce(first_name, chr(0)),
        coalesce(last_name, chr(0)),
        coalesce(prefix, chr(0)),
        coalesce(company_group_id::varchar, chr(0)),
        coalesce(birthday::varchar, chr(0)),
        if(knows_days, coalesce(work_anniversary::varchar, chr(0)), 'kept'),
        coalesce(private_email_to_send, chr(0))
    )) as payload_hash,
    email,
    first_name,
    last_name,
    prefix,
    language,
    company_group_id,
    birthday,
    work_anniversary,
    private_email_to_send as private_email,
from decided
