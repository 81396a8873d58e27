-- grain: person_id, field_name
-- Budgets HR typed in, and what they were on the accepted night before: for Alleo's bulk upload.
with

filled_in as (

    select
        person_id,
        field_name,
        min(employer_id) as employer_id,
        min(typed_value) as typed_value,
        count(distinct typed_value) > 1 as is_contradictory,
        bool_or(not coalesce(was_there, false)) as is_typed_now,
        min(since_run) as since_run,
    from mart.alleo_typed_budgets
    where is_current
    group by all

),

replaced as (

    select
        person_id,
        field_name,
        min(employer_id) as employer_id,
        min(typed_value) as typed_value,
        min(since_run) as since_run,
    from mart.alleo_typed_budgets
    where was_there and not is_current
    group by all

),

both_sides as (

    select
        coalesce(filled_in.person_id, replaced.person_id) as person_id,
        coalesce(filled_in.field_name, replaced.field_name) as field_name,
        coalesce(filled_in.employer_id, replaced.employer_id) as employer_id,
        filled_in.typed_value,
        replaced.typed_value as previous_typed_value,
        coalesce(filled_in.is_contradictory, false) as is_contradictory,
        filled_in.is_typed_now,
        coalesce(filled_in.since_run, replaced.since_run) as since_run,
    from filled_in
    full outer join replaced
        on
            filled_in.person_id = replaced.person_id
            and filled_in.field_name = replaced.field_name

)

select
    both_sides.person_id,
    both_sides.field_name,
    both_sides.employer_id,
    regexp_extract(both_sides.field_name, '^alleo_(monthly|oneoff)', 1) as budget_type,
    regexp_extract(both_sides.field_name, '^alleo_[a-z]+_(.+)_budget$', 1) as category,
    both_sides.typed_value,
    if(both_sides.is_contradictory, null, amounts.amount_cents) as amount_cents,
    both_sides.previous_typed_value,
    previous_amounts.amount_cents as previous_amount_cents,
    if(both_sides.is_contradictory, 'contradictory', amounts.reject_reason) as reject_reason,
    case
        when both_sides.typed_value is null then 'removed'
        when both_sides.previous_typed_value is null and both_sides.is_typed_now then 'new'
        when both_sides.previous_typed_value is null then 'unchanged'
        when amounts.amount_cents = previous_amounts.amount_cents then 'unchanged'
        else 'changed'
    end as change,
    both_sides.since_run,
from both_sides
left join mart.alleo_amounts as amounts
    on both_sides.typed_value = amounts.typed_value
left join mart.alleo_amounts as previous_amounts
    on both_sides.previous_typed_value = previous_amounts.typed_value
