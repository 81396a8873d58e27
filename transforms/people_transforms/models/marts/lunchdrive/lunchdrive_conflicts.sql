-- grain: person_id, account_key, field
-- Values that two people claim at one client in this run, first by person_id. Whoever holds the
-- value already keeps it; planning knows who does.
with

claims as (

    select
        person_id,
        account_key,
        employer_id,
        'chip_number' as field,
        chip_number as value,
    from mart.lunchdrive_diners
    where
        desired_state = 'active'
        and chip_number is not null
    union all
    select
        person_id,
        account_key,
        employer_id,
        'email' as field,
        lower(email) as value,
    from mart.lunchdrive_diners
    where
        desired_state = 'active'
        and email is not null
    union all
    select
        person_id,
        account_key,
        employer_id,
        'personal_number' as field,
        personal_number as value,
    from mart.lunchdrive_diners
    where
        desired_state = 'active'
        and personal_number is not null

),

claimed_twice as (

    select
        account_key,
        field,
        value,
    from claims
    group by all
    having count(*) > 1

)

select
    claims.person_id,
    claims.account_key,
    claims.field,
    claims.employer_id,
    claims.value,
    row_number() over (
        partition by claims.account_key, claims.field, claims.value
        order by claims.person_id
    ) as claim_number,
from claims
inner join claimed_twice
    on
        claims.account_key = claimed_twice.account_key
        and claims.field = claimed_twice.field
        and claims.value = claimed_twice.value
