-- grain: person_id, unbroken_since_on
-- kind: step
-- What people with several contracts have worked without a free day (unbroken), and the spell it
-- is part of: a gap that the setting bridges is no end. With one employment, that is both.
with

several_employments as (

    select
        employments.person_id,
        employments.employment_id,
        employments.starts_on,
        coalesce(employments.ends_on, date '9999-12-31') as last_on,
    from people.employments as employments
    semi join people.employment_totals as totals
        on
            employments.person_id = totals.person_id
            and totals.employment_count > 1
    where
        not employments.is_backwards
        and employments.starts_on is not null

),

days_apart as (

    select
        contracts.*,
        -- Days from the last day of work before this contract to its first; null = the first one.
        contracts.starts_on - max(contracts.last_on) over (
            partition by contracts.person_id
            order by contracts.starts_on, contracts.last_on, contracts.employment_id
            rows between unbounded preceding and 1 preceding
        ) as days_since_work,
        -- Contracts that count longer than their own days may leave no day between them either.
        greatest(
            1 + policy.days_before_start + policy.days_after_end, policy.bridge_gap_days
        ) as bridged_days,
    from several_employments as contracts
    cross join people.policy as policy

),

numbered as (

    select
        *,
        count(*) filter (where coalesce(days_since_work > 1, true)) over (
            partition by person_id
            order by starts_on, last_on, employment_id
            rows between unbounded preceding and current row
        ) as unbroken_number,
        count(*) filter (where coalesce(days_since_work > bridged_days, true)) over (
            partition by person_id
            order by starts_on, last_on, employment_id
            rows between unbounded preceding and current row
        ) as spell_number,
    from days_apart

),

unbroken as (

    select
        person_id,
        spell_number,
        min(starts_on) as unbroken_since_on,
        max(last_on) as last_on,
    from numbered
    group by
        person_id,
        spell_number,
        unbroken_number

)

select
    person_id,
    unbroken_since_on,
    nullif(last_on, date '9999-12-31') as unbroken_to_on,
    min(unbroken_since_on) over (partition by person_id, spell_number) as spell_starts_on,
    nullif(
        max(last_on) over (partition by person_id, spell_number), date '9999-12-31'
    ) as spell_ends_on,
from unbroken
