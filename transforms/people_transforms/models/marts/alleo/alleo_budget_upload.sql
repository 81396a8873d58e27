-- grain: custom_employee_id, budget_field
-- kind: view
-- The rows for Alleo's bulk upload of budgets: amounts new or changed since the accepted night
-- before, and all of an account made since. One from before our time has them from whoever made it.
with

made as (

    select
        person_id,
        max(run_id) as run_id,
    from sync.deliveries
    where
        operation = 'create'
        and status in ('confirmed', 'looked_up')
    group by all

)

select
    employees.external_id as custom_employee_id,
    employees.email,
    budgets.budget_type,
    budgets.category,
    budgets.field_name as budget_field,
    (budgets.amount_cents / 100)::decimal(12, 2) as amount_eur,
    if(budgets.change = 'unchanged', 'new', budgets.change) as change,
from mart.alleo_budgets as budgets
inner join mart.alleo_employees as employees
    on budgets.person_id = employees.person_id
cross join people.policy as policy
semi join sync.ledger as ledger
    on
        budgets.person_id = ledger.person_id
        and policy.vendor = ledger.vendor
        and ledger.state = 'active'
left join made
    on budgets.person_id = made.person_id
where
    budgets.amount_cents is not null
    and employees.desired_state = 'active'
    and (
        (budgets.since_run is not null and budgets.change in ('new', 'changed'))
        or made.run_id > coalesce(budgets.since_run, '')
    )
