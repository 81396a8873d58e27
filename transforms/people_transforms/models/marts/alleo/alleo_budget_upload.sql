-- grain: custom_employee_id, budget_field
-- kind: view
-- The rows for Alleo's bulk upload of budgets: amounts new or changed since the accepted night
-- before, and all of an account made or revived since: what it had lapsed when it ended. One from
-- before our time has them from whoever made it.
with

attempts as (

    select
        person_id,
        any_value(operation) as operation,
        max(run_id) as run_id,
        max(state) filter (status = 'intent') as state_before,
        max(state) filter (status <> 'intent') as state_after,
        bool_or(status in ('confirmed', 'looked_up')) as is_known,
    from sync.deliveries
    where operation in ('create', 'reactivate', 'adopt')
    group by
        delivery_id,
        person_id

),

made as (

    select
        person_id,
        max(run_id) as run_id,
    from attempts
    where
        (operation = 'create' or state_before = 'inactive')
        -- Of a revival the second half may have been refused.
        and (is_known or (operation <> 'create' and state_after = 'active'))
    group by person_id

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
