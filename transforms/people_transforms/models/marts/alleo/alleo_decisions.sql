-- grain: person_id
-- kind: view
-- Every person in Alleo's terms with the one reason that decides, the strongest first.
with

candidates as materialized (

    select
        *,
        case
            when rung = 1 then people_obstacle
            when company_id is null then 'employer_not_mapped'
            when not is_known_company then 'company_unknown'
            when rung <= 3 then people_obstacle
            when email_problem is not null then email_problem
            else people_obstacle
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
