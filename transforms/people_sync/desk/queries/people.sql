-- grain: person_id
-- People whose name, e-mail or number has the searched words; without any, everybody.
with

names as (

    select
        people.person_id,
        people.personal_number,
        nullif(concat_ws(' ',
            nullif(people.first_name, ''), nullif(people.prefix, ''), nullif(people.last_name, '')
        ), '') as person_name,
        people.last_name,
        people.first_name,
        coalesce(people.business_email, people.private_email) as email,
        people.private_email,
        people.employment_status,
        people.starts_on,
        people.ends_on,
        coalesce(employers.employer_name, people.employer_id) as employer_name,
    from people.people as people
    left join people.employers as employers on people.employer_id = employers.employer_id

),

accounts as (

    select
        person_id,
        list(account_key order by account_key) filter (where state = 'active') as active,
        list(account_key order by account_key) filter (where state <> 'active') as ended,
    from sync.ledger
    group by person_id

),

searched as (

    select
        names.*,
        coalesce(accounts.active, []) as active,
        coalesce(accounts.ended, []) as ended,
        strip_accents(lower(concat_ws(' ',
            names.person_name, names.email, names.private_email, names.personal_number,
            names.person_id
        ))) as haystack,
    from names
    left join accounts on names.person_id = accounts.person_id

)

select * exclude (haystack), count(*) over () as total
from searched
where
    list_bool_and(
        [contains(haystack, strip_accents(lower(word))) for word in $words]
    ) is not false
    and ($account = '' or list_contains(active, $account))
order by last_name, first_name, person_id
limit $most
