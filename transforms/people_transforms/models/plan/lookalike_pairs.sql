-- grain: person_id, former_id
-- Newcomers beside former people whom they look like: at least two of number, name, birth date,
-- e-mail and chip agree. With three it is the same person, if nothing contradicts.
-- Nobody is recognised by a chip that differs: people hold several, and hand them back. A number
-- says nothing against somebody who comes from another employer.
with

shared as (

    -- A value that more than 20 former people share tells nobody apart (an address of the office).
    select
        person_id,
        kind,
        value,
    from plan.telling_values
    where is_former and value is not null
    qualify count(*) over (partition by kind, value) <= 20

),

candidates as (

    -- Two that agree in two things agree in one of these.
    select distinct
        newcomers.person_id,
        former.person_id as former_id,
    from plan.telling_values as newcomers
    inner join shared as former on newcomers.kind = former.kind and newcomers.value = former.value
    where not newcomers.is_former

),

compared as (

    select
        newcomers.person_id,
        newcomers.employer_id,
        former.person_id as former_id,
        newcomers.is_employed,
        former.is_listed,
        coalesce(
            newcomers.first_name = former.first_name and newcomers.last_name = former.last_name,
            false
        )::integer
        + coalesce(newcomers.personal_number = former.personal_number, false)::integer
        + coalesce(newcomers.birth_on = former.birth_on, false)::integer
        + list_has_any(newcomers.emails, former.emails)::integer
        + list_has_any(newcomers.chip_numbers, former.chip_numbers)::integer as agreeing,
        coalesce(newcomers.birth_on <> former.birth_on, false) as is_born_otherwise,
        coalesce(
            newcomers.first_name <> former.first_name or newcomers.last_name <> former.last_name,
            false
        )
        or coalesce(
            newcomers.personal_number <> former.personal_number
            and newcomers.employer_id = former.employer_id, false
        )
        or (
            len(newcomers.emails) > 0
            and len(former.emails) > 0
            and not list_has_any(newcomers.emails, former.emails)
        ) as is_told_apart,
    from candidates
    inner join plan.newcomers as newcomers on candidates.person_id = newcomers.person_id
    inner join plan.former_people as former on candidates.former_id = former.person_id

)

select
    *,
    agreeing >= 3 and not is_born_otherwise and not is_told_apart as is_same,
from compared
where
    (agreeing >= 3 and not is_born_otherwise)
    or (agreeing = 2 and not is_born_otherwise and not is_told_apart)
