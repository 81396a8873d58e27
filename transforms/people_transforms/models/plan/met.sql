-- grain: person_id
-- Who has an account, is known and is not as last accepted, beside what is known of them.
-- Somebody else seems to have the id when last name, number or birth date, and e-mail are all
-- others than before; of whom no address is known the first name takes its place.
with

listed as (

    select
        *,
        digest_of(
            personal_number, first_name, last_name, business_email, private_email, birth_on,
            chip_numbers, employer_id
        ) as digest,
    from people.people

),

differing as (

    select
        listed.person_id,
        listed.employer_id,
        listed.digest,
        typed(listed.personal_number) as personal_number,
        typed(listed.first_name) as first_name,
        typed(listed.last_name) as last_name,
        listed.birth_on,
        typed_emails(listed.business_email, listed.private_email) as emails,
        typed_chips(listed.chip_numbers) as chip_numbers,
        known.personal_number as known_personal_number,
        known.first_name as known_first_name,
        known.last_name as known_last_name,
        known.birth_on as known_birth_on,
        known.birth_pseudonym as known_birth_pseudonym,
        known.emails as known_emails,
        known.chip_numbers as known_chip_numbers,
    from listed
    inner join sync.identities as known on listed.person_id = known.person_id
    where listed.digest is distinct from known.digest

)

select
    *,
    coalesce(last_name <> known_last_name, false)
    and (
        coalesce(personal_number <> known_personal_number, false)
        or coalesce(birth_on <> known_birth_on, false)
        -- Kept under a pseudonym, and not known again.
        or (birth_on is not null and known_birth_pseudonym is not null)
    )
    and case
        when len(emails) > 0 and len(known_emails) > 0
            then not list_has_any(emails, known_emails)
        else coalesce(first_name <> known_first_name, false)
    end as is_stranger,
from differing
