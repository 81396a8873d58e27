-- grain: person_id
-- Who is listed and has no account yet, with what tells one person from another.
select
    people.person_id,
    people.employer_id,
    people.spell_starts_on,
    people.employment_status = 'employed' as is_employed,
    typed(people.personal_number) as personal_number,
    typed(people.first_name) as first_name,
    typed(people.last_name) as last_name,
    people.birth_on,
    typed_emails(people.business_email, people.private_email) as emails,
    typed_chips(people.chip_numbers) as chip_numbers,
from people.people as people
left join sync.ledger as held
    on people.person_id = held.person_id and held.vendor = getvariable('vendor')
where
    held.person_id is null
    and people.employment_status not in ('set_aside', 'deceased')
