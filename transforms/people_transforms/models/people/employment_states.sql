-- grain: person_id
-- kind: step
-- Where people with employments stand today, and the days that count.
with

spells_of_today as (

    select
        spells.person_id,
        min(spells.spell_starts_on) as spell_starts_on,
        max(spells.spell_ends_on) as spell_ends_on,
    from people.linked_spells as spells
    cross join people.policy as policy
    where
        policy.as_of_on between spells.spell_starts_on
        and coalesce(spells.spell_ends_on, date '9999-12-31')
    group by spells.person_id

)

select
    totals.person_id,
    case
        when totals.current_count > 0 then 'employed'
        when totals.has_contradictory then 'ends_before_start'
        when totals.has_unknown then 'start_unknown'
        when spells_of_today.person_id is not null then 'gap_bridged'
        when totals.has_past and totals.has_future then 'between_employments'
        when totals.has_past then 'employment_ended'
        else 'starts_later'
    end as employment_state,
    coalesce(
        spells.spell_starts_on,
        totals.current_starts_on,
        totals.past_starts_on,
        totals.future_starts_on
    ) as spell_starts_on,
    coalesce(
        spells.unbroken_since_on,
        totals.current_starts_on,
        totals.past_starts_on,
        totals.future_starts_on
    ) as unbroken_since_on,
    coalesce(totals.current_starts_on, totals.past_starts_on, totals.future_starts_on) as starts_on,
    case
        when spells_of_today.person_id is not null then spells_of_today.spell_ends_on
        when totals.current_count = 0 then totals.past_ends_on
        when spells.person_id is not null then spells.spell_ends_on
        when not totals.current_is_open then totals.current_ends_on
    end as ends_on,
    totals.joined_on,
    totals.has_unknown or totals.has_contradictory as lacks_days,
from people.employment_totals as totals
left join people.linked_spells as spells
    on
        totals.person_id = spells.person_id
        and coalesce(totals.current_starts_on, totals.past_starts_on, totals.future_starts_on)
        between spells.unbroken_since_on and coalesce(spells.unbroken_to_on, date '9999-12-31')
left join spells_of_today
    on totals.person_id = spells_of_today.person_id
