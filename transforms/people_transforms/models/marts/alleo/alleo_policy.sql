-- grain: one row
-- Alleo's settings as this run read them.
with

settings as (

    select getvariable('settings')::json as value

)

select
    coalesce(value ->> '$.email', 'business') as email_choice,
    coalesce(value ->> '$.send_private_email', 'false') = 'true' as sends_private_email,
    coalesce(value ->> '$.language', 'nl') as language,
    coalesce(value ->> '$.external_id_prefix', '') as external_id_prefix,
    coalesce(value ->> '$.access_turned_off', 'leave') as access_turned_off,
from settings
