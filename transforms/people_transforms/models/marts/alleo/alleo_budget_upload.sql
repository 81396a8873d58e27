-- grain: custom_employee_id, budget_field
-- kind: view
-- The rows for Alleo's bulk upload of budgets: amounts new or changed since the accepted night
-- before, and all of an account made or revived since: what it had lapsed when it ended. One from
-- before our time has them from whoever made it.
with

attempts as (

    select
        person_id,
        min(operation) as operation,
        max(run_id) as run_id,
        max(state) filter (status = 'intent') as state_before,
        max(state) filter (status <> 'intent') as state_after,
        bool_or(status in ('confirmed', 'looked_up')) as is_known,
    from sync.deliveries
    where operation in ('create', 'reactivate', 'adopt')
    group by delivery_id, person_id

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

),

told_before as (

    -- Of whom HR typed anew since, under another id: what the former id had is no new amount.
    select
        findings.person_id,
        budgets.field_name,
        max(coalesce(budgets.previous_amount_cents, budgets.amount_cents)) as amount_cents,
    from sync.findings_history as findings
    inner join mart.alleo_budgets as budgets
        on budgets.person_id = (findings.args ->> '$.former_id') and budgets.change <> 'new'
    where
        findings.code = 'person_rekeyed'
        and findings.valid_from_run > budgets.since_run
    group by all

)

select
    employees.external_id as custom_employee_id,
    employees.email,
    budgets.budget_type,
    budgets.category,
    budgets.field_name as budget_field,
    (budgets.amount_cents / 100)::decimal(12, 2) as amount_eur,
    case
        when told_before.amount_cents is not null then 'changed'
        when budgets.change = 'unchanged' then 'new'
        else budgets.change
    end as change,
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
left join told_before
    on budgets.person_id = told_before.person_id and budgets.field_name = told_before.field_name
where
    budgets.amount_cents is not null
    and employees.desired_state = 'active'
    and (
        (
            budgets.since_run is not null
            and budgets.change in ('new', 'changed')
            and told_before.amount_cents is distinct from budgets.amount_cents
        )
        or made.run_id > coalesce(budgets.since_run, '')
    )
