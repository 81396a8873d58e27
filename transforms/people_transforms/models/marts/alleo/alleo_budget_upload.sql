-- grain: custom_employee_id, budget_field
-- kind: view
-- The rows for Alleo's bulk upload of budgets: new and changed amounts of people with an account.
select
    employees.external_id as custom_employee_id,
    employees.email,
    budgets.budget_type,
    budgets.category,
    budgets.field_name as budget_field,
    (budgets.amount_cents / 100)::decimal(12, 2) as amount_eur,
    budgets.change,
from mart.alleo_budgets as budgets
inner join mart.alleo_employees as employees
    on budgets.person_id = employees.person_id
where
    budgets.amount_cents is not null
    and budgets.change in ('new', 'changed')
    and employees.desired_state = 'active'
