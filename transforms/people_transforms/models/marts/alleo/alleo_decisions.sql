-- grain: person_id
-- kind: view
-- Every person in Alleo's terms with the one reason that decides, the strongest first.
with

candidates as materialized (

    select
        *,
        case
            when employment_status = 'set_aside' then 'record_set_aside'
            when employment_status = 'employer_gone' then 'employer_gone'
            when company_id is null then 'employer_not_mapped'
            when not is_known_company then 'company_unknown'
            when access = 'excluded_by_setting' then 'excluded_by_setting'
            when employment_status in ('deceased', 'employment_ended', 'between_employments')
                then employment_status
            when access = 'no' then 'access_off'
            when access = 'not_said' and when_not_said = 'exclude' then 'access_not_said'
            when access in ('not_read', 'not_understood', 'contradictory') then 'access_' || access
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

)

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
