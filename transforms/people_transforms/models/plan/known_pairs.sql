-- grain: person_id, former_id
-- Newcomers and the former people with an account whom they look like, by the name it has.
-- Anything that fits two people fits nobody: `is_same` says that the account goes over. Of two
-- records that both are there, the one that is employed is the person's.
with

judged as (

    select
        person_id,
        employer_id,
        former_id,
        is_same
        and (is_employed or not is_listed)
        and count(*) filter (where is_same) over (partition by person_id) = 1
        and count(*) filter (where is_same) over (partition by former_id) = 1 as is_same,
    from plan.lookalike_pairs

)

select
    judged.person_id,
    judged.employer_id,
    judged.former_id,
    judged.is_same,
    max(concat_ws(
        ', ',
        nullif(account_name(held.fields, policy.name_fields), ''),
        former.personal_number
    )) as former,
from judged
inner join plan.former_people as former on judged.former_id = former.person_id
cross join plan.policy as policy
inner join sync.ledger as held
    on judged.former_id = held.person_id and held.vendor = getvariable('vendor')
group by judged.person_id, judged.employer_id, judged.former_id, judged.is_same
