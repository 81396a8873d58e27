-- grain: person_id
-- Everybody with an account who is to be remembered as they are now; strangers only once they were
-- released: a change of theirs that was confirmed is one that a person has approved.
-- What is no longer said is kept: a column that doesn't arrive changes nobody.
with

newcomers as (

    -- Accounts made or found tonight; in a store of an earlier release all are.
    select people.*
    from people.people as people
    left join sync.identities as known on people.person_id = known.person_id
    where
        known.person_id is null
        and people.person_id in (
            select held.person_id
            from sync.ledger as held
            cross join plan.policy as policy
            where
                held.updated_run_id = policy.run_id
                or not exists (select 1 from sync.identities)
        )

),

released as (

    select changes.person_id
    from plan.changes as changes
    inner join plan.outcomes as done on changes.row_hash = done.row_hash
    where done.outcome in ('confirmed', 'partly')

)

select
    person_id,
    employer_id,
    coalesce(personal_number, known_personal_number) as personal_number,
    coalesce(first_name, known_first_name) as first_name,
    coalesce(last_name, known_last_name) as last_name,
    coalesce(birth_on, known_birth_on) as birth_on,
    if(len(emails) > 0, emails, coalesce(known_emails, [])) as emails,
    if(len(chip_numbers) > 0, chip_numbers, coalesce(known_chip_numbers, [])) as chip_numbers,
    digest,
from plan.met
where
    not is_stranger
    or person_id in (select released.person_id from released)
union all
select
    person_id,
    employer_id,
    typed(personal_number) as personal_number,
    typed(first_name) as first_name,
    typed(last_name) as last_name,
    birth_on,
    typed_emails(business_email, private_email) as emails,
    typed_chips(chip_numbers) as chip_numbers,
    digest_of(
        personal_number, first_name, last_name, business_email, private_email, birth_on,
        chip_numbers, employer_id
    ) as digest,
from newcomers
