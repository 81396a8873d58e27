-- The budgets that HR typed in, since which day, and what they were before; one row per person and budget.
select
    runs.as_of as day,
    {person},
    {employer},
    budgets.field_name as budget,
    budgets.amount_cents / 100.0 as amount_eur,
    budgets.previous_amount_cents / 100.0 as previous_amount_eur,
    budgets.typed_value,
    budgets.previous_typed_value,
    budgets.person_id,
from {budgets} as budgets
left join (
    select
        person_id,
        field_name,
        max(known_from_run) as known_from_run,
    from people.custom_fields
    where level = 'employee'
    group by
        person_id,
        field_name
) as typed
    on
        budgets.person_id = typed.person_id
        and budgets.field_name = typed.field_name
left join sync.runs as runs
    on typed.known_from_run = runs.run_id
left join people.people as people
    on budgets.person_id = people.person_id
left join people.employers as employers
    on budgets.employer_id = employers.employer_id
