-- grain: person_id, spell_starts_on
-- kind: step
-- Unbroken spells of people with several employments: contracts that overlap or follow each
-- other without a free day are one spell. With one employment, that is the spell.
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

spell_starts as (

    select
        *,
        coalesce(
            starts_on > 1 + max(last_on) over (
                partition by person_id
                order by starts_on, last_on, employment_id
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_spell_start,
    from several_employments

),

numbered as (

    select
        *,
        count(*) filter (where is_spell_start) over (
            partition by person_id
            order by starts_on, last_on, employment_id
            rows between unbounded preceding and current row
        ) as spell_number,
    from spell_starts

)

select
    person_id,
    min(starts_on) as spell_starts_on,
    nullif(max(last_on), date '9999-12-31') as spell_ends_on,
from numbered
group by
    person_id,
    spell_number
