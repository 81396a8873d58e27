-- grain: person_id, account_key
-- Changes at places that the settings no longer name: the accounts there are not this connection's
-- any more. An employer must be in the settings too, where they name employers.
with

places as (

    select * from mart.allowed_places

)

select
    settled.person_id,
    settled.account_key,
from plan.resettled as settled
where
    settled.operation <> 'none'
    and '*' not in (select places.account_key from places)
    and (
        settled.account_key not in (select places.account_key from places)
        or (
            settled.employer_id not in (
                select places.employer_id
                from places
                where places.employer_id is not null
            )
            and not exists (
                select 1 from places
                where places.employer_id is null
            )
        )
    )
