-- grain: person_id, code, field
-- kind: view
-- What HR should know or mend about people for Lunchdrive.
with

by_reason as (

    select
        diners.person_id,
        diners.employer_id,
        diners.reason as code,
        if(diners.reason in ('starts_later', 'access_not_said', 'ldid_missing'), 'info', 'warning')
            as severity,
        case diners.reason
            when 'name_missing' then 'last_name'
            when 'email_missing' then 'email'
            when 'starts_later' then 'starts_on'
            when 'access_not_said' then policy.access_field
            else 'note'
        end as field,
        null as typed_value,
        json_object('on', if(diners.reason = 'starts_later', diners.starts_on, null)) as args,
    from mart.lunchdrive_diners as diners
    cross join people.policy as policy
    anti join mart.kept_accounts as kept on diners.person_id = kept.person_id
    where diners.reason in (
        'ldid_missing', 'ldid_near_miss', 'name_missing', 'email_missing', 'starts_later',
        'access_not_said'
    )

),

numbers as (

    select distinct
        diners.person_id,
        diners.employer_id,
        if(diners.personal_number is null, 'personal_number_missing', 'email_absent') as code,
        if(diners.personal_number is null, 'warning', 'info') as severity,
        if(diners.personal_number is null, 'personal_number', 'email') as field,
        null as typed_value,
        '{}'::json as args,
    from mart.lunchdrive_diners as diners
    where
        diners.desired_state = 'active'
        and (diners.personal_number is null or diners.email is null)

),

invalid_emails as (

    select
        people.person_id,
        people.employer_id,
        'email_invalid' as code,
        'warning' as severity,
        'email' as field,
        people.business_email as typed_value,
        '{}'::json as args,
    from people.people as people
    semi join mart.lunchdrive_diners as diners
        on
            people.person_id = diners.person_id
            and diners.email is null
    where
        people.business_email is not null
        and people.employment_status = 'employed'

)

select * from by_reason
union all
select * from numbers
union all
select * from invalid_emails
