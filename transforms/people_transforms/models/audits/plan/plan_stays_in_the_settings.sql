-- grain: person_id, account_key
-- No change that is to be sent goes to a place outside the settings, or to an employer taken out.
select
    planned.person_id,
    planned.account_key,
from plan.planned as planned
where
    planned.operation <> 'none'
    and planned.hold is null
    and not exists (
        select 1 from mart.allowed_places as places
        where
            places.account_key = '*'
            or (places.account_key = planned.account_key and places.employer_id is null)
            or (
                places.account_key = planned.account_key
                and planned.employer_id in (
                    select mapped.employer_id from mart.allowed_places as mapped
                )
            )
    )
