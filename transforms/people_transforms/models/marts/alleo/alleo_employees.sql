-- grain: person_id, account_key
-- What Alleo should have: who must be active in which company, who ends, who is left alone, and why.
with

candidates as materialized (

    select
        *,
        case
            when employment_status = 'set_aside' then 'record_set_aside'
            when company_id is null then 'employer_not_mapped'
            when not is_known_company then 'company_unknown'
            when access = 'excluded_by_setting' then 'excluded_by_setting'
            when employment_status in ('deceased', 'employment_ended', 'between_employments')
                then employment_status
            when access = 'no' then 'access_off'
            when access = 'not_said' and when_not_said = 'exclude' then 'access_not_said'
            when access in ('not_understood', 'contradictory') then 'access_' || access
            when employment_status <> 'employed' then employment_status
            when email_problem is not null then email_problem
            when first_name is null or last_name is null then 'name_missing'
        end as obstacle,
    from mart.alleo_candidates

),

shared_emails as (

    select
        company_id,
        lower(email) as folded_email,
    from candidates
    where obstacle is null
    group by all
    having count(*) > 1

),

decided as (

    select
        candidates.*,
        coalesce(
            candidates.obstacle,
            if(shared_emails.folded_email is not null, 'email_shared', 'entitled')
        ) as reason,
    from candidates
    left join shared_emails
        on
            candidates.company_id = shared_emails.company_id
            and lower(candidates.email) = shared_emails.folded_email
            and candidates.obstacle is null

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
            'starts_later', 'start_unknown', 'no_employment',
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
    md5(concat_ws(
        chr(31),
        coalesce(external_id, chr(0)),
        coalesce(lower(email), chr(0)),
        coalesce(first_name, chr(0)),
        coalesce(last_name, chr(0)),
        coalesce(prefix, chr(0)),
        coalesce(company_group_id::varchar, chr(0)),
        coalesce(if(reason = 'deceased', null, birth_on)::varchar, chr(0)),
        coalesce(if(reason = 'deceased', null, joined_on)::varchar, chr(0)),
        coalesce(private_email_to_send, chr(0))
    )) as payload_hash,
    email,
    first_name,
    last_name,
    prefix,
    language,
    company_group_id,
    if(reason = 'deceased', null, birth_on) as birthday,
    if(reason = 'deceased', null, joined_on) as work_anniversary,
    private_email_to_send as private_email,
from decided
