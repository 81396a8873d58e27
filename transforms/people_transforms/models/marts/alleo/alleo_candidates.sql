-- grain: person_id
-- kind: view
-- Every person in Alleo's terms, with the problem of the e-mail address and the name, if any.
with

addressed as (

    select
        people.*,
        companies.company_id,
        companies.company_group_id,
        companies.is_known as is_known_company,
        policy.access_turned_off,
        policy.language,
        policy.external_id_prefix || people.employee_id as external_id,
        if(policy.email_choice = 'private', people.private_email, people.business_email)
            as typed_email,
        if(policy.sends_private_email, people.private_email, null) as typed_private_email,
    from people.candidates as people
    cross join mart.alleo_policy as policy
    left join mart.alleo_companies as companies
        on people.employer_id = companies.employer_id

),

judged as (

    select
        *,
        case
            when typed_email is null then 'email_missing'
            when length(typed_email) > 100 then 'email_too_long'
            when before_hidden(typed_email) is not null then 'email_invalid'
            when not regexp_full_match(
                typed_email,
                '[^\s@<>()\[\],;:"\\.]+(\.[^\s@<>()\[\],;:"\\.]+)*'
                || '@([\pL\pN][\pL\pN-]*\.)+[\pL\pN-]{2,}'
            ) then 'email_invalid'
            when
                ends_with(lower(typed_email), '.test') or ends_with(lower(typed_email), '.local')
                or ends_with(lower(typed_email), '.invalid')
                then 'email_invalid'
        end as email_problem,
    from addressed

)

select
    * exclude (typed_email, typed_private_email),
    typed_email,
    case
        when email_problem is not null then null
        when typed_email = lower(typed_email) then typed_email
        else split_part(typed_email, '@', 1) || '@' || lower(split_part(typed_email, '@', 2))
    end as email,
    if(
        length(typed_private_email) <= 100
        and before_hidden(typed_private_email) is null
        and regexp_full_match(typed_private_email, '[^\s@]+@[^\s@.]+(\.[^\s@.]+)*\.[\pL\pN-]{2,}'),
        typed_private_email,
        null
    ) as private_email_to_send,
from judged
