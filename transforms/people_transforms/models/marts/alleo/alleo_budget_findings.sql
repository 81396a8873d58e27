-- grain: person_id, employer_id, code, field
-- kind: view
-- Budgets that cannot be read, doubled monthly budgets, changes to upload, misspelt field names.
with

rejected as (

    select
        person_id,
        employer_id,
        'budget_' || reject_reason as code,
        'warning' as severity,
        field_name as field,
        typed_value,
        '{}'::json as args,
    from mart.alleo_budgets
    where reject_reason is not null

),

several_monthly as (

    select
        person_id,
        min(employer_id) as employer_id,
        'budget_several_monthly' as code,
        'warning' as severity,
        string_agg(field_name, ', ' order by field_name) as field,
        null as typed_value,
        json_object('count', count(*)) as args,
    from mart.alleo_budgets
    where
        budget_type = 'monthly'
        and amount_cents > 0
    group by person_id
    having count(*) > 1

),

to_upload as (

    select
        person_id,
        employer_id,
        'budget_' || change as code,
        'info' as severity,
        field_name as field,
        typed_value,
        json_object(
            'before_cents', previous_amount_cents, 'after_cents', amount_cents, 'type', budget_type
        ) as args,
    from mart.alleo_budgets
    where
        change <> 'unchanged'
        and reject_reason is null

),

unknown_names as (

    select
        null as person_id,
        definitions.employer_id,
        'budget_field_name' as code,
        'warning' as severity,
        definitions.typed_name as field,
        null as typed_value,
        json_object('suggestion', 'alleo_monthly_all_budget') as args,
    from staging.people_input_field_definitions as definitions
    where
        definitions.is_current
        and regexp_matches(
            lower(latin(without_hidden(definitions.field_name))), 'alleo.*bud[gd]?[eg]'
        )
        and not regexp_full_match(definitions.field_name, 'alleo_(monthly|oneoff)_.+_budget')

)

select * from rejected
union all
select * from several_monthly
union all
select * from to_upload
union all
select * from unknown_names
