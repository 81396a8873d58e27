-- grain: person_id, employer_id, code
-- kind: view
-- Why somebody is not in Alleo, or soon will not be.
with

by_reason as (

    select
        employees.person_id,
        employees.employer_id,
        employees.reason as code,
        if(employees.reason in ('access_not_said', 'starts_later'), 'info', 'warning') as severity,
        case employees.reason
            when 'access_not_said' then policy.access_field
            when 'name_missing' then 'last_name'
            when 'starts_later' then 'starts_on'
            else 'email'
        end as field,
        json_object('on', if(employees.reason = 'starts_later', employees.starts_on, null)) as args,
    from mart.alleo_employees as employees
    cross join people.policy as policy
    anti join mart.kept_accounts as kept on employees.person_id = kept.person_id
    where employees.reason in (
        'email_missing', 'email_invalid', 'email_too_long', 'email_shared', 'name_missing',
        'access_not_said', 'starts_later'
    )

),

by_reason_with_value as (

    select
        by_reason.person_id,
        by_reason.employer_id,
        by_reason.code,
        by_reason.severity,
        by_reason.field,
        -- A private address is nobody's business but the employee's.
        if(
            by_reason.field = 'email' and policy.email_choice = 'business',
            people.business_email, null
        ) as typed_value,
        by_reason.args,
    from by_reason
    cross join mart.alleo_policy as policy
    left join people.people as people
        on by_reason.person_id = people.person_id

),

leaving_soon as (

    select
        person_id,
        employer_id,
        'leaves_soon' as code,
        'info' as severity,
        'ends_on' as field,
        ends_on::varchar as typed_value,
        -- Alleo wants 30 days to stop subscriptions, and its API takes no date.
        json_object('on', ends_on, 'days', ends_on - getvariable('as_of')) as args,
    from mart.alleo_employees
    where
        desired_state = 'active'
        and ends_on <= getvariable('as_of') + 30

),

employers as (

    select
        null as person_id,
        employer_id,
        reason as code,
        if(reason = 'company_unknown', 'error', 'warning') as severity,
        'companies' as field,
        null as typed_value,
        json_object('people', count(*)) as args,
    from mart.alleo_employees
    where reason in ('employer_not_mapped', 'company_unknown')
    group by employer_id, reason

)

select * from by_reason_with_value
union all
select * from leaving_soon
union all
select * from employers
