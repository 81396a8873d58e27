-- grain: person_id
-- kind: step
-- Each person's employments in one row, seen from the day of the run.
with

employments as (

    select
        listed.person_id,
        listed.employment_id,
        listed.starts_on,
        listed.ends_on,
        listed.counts_to_on,
        coalesce(listed.historical_starts_on, listed.starts_on) as joined_on,
        case
            when listed.is_backwards then 'contradictory'
            when listed.counts_to_on < policy.as_of_on then 'past'
            when listed.starts_on is null then 'unknown'
            when listed.counts_from_on > policy.as_of_on then 'future'
            else 'current'
        end as tense,
    from people.employments as listed
    cross join people.policy as policy

)

select
    person_id,
    count(*) as employment_count,
    count(*) filter (where tense = 'current') as current_count,
    bool_or(tense = 'past') as has_past,
    bool_or(tense = 'future') as has_future,
    bool_or(tense = 'unknown') as has_unknown,
    -- Days that contradict each other say nothing of today, unless a later employment followed.
    coalesce(
        max(starts_on) filter (where tense <> 'contradictory')
        <= max(starts_on) filter (where tense = 'contradictory'),
        bool_or(tense = 'contradictory')
    ) as has_contradictory,
    min(starts_on) filter (where tense = 'current') as current_starts_on,
    max(counts_to_on) filter (where tense = 'current') as current_counts_to_on,
    max(ends_on) filter (where tense = 'current') as current_ends_on,
    bool_or(ends_on is null) filter (where tense = 'current') as current_is_open,
    max(ends_on) filter (where tense = 'past') as past_ends_on,
    max(starts_on) filter (where tense = 'past') as past_starts_on,
    min(starts_on) filter (where tense = 'future') as future_starts_on,
    -- The employment that decides: valid today before past before future, then the latest end,
    -- the earliest start and the earliest day of joining, as one number.
    arg_max(joined_on, (
        case tense when 'current' then 3 when 'past' then 2 else 1 end * 1000000000000000
        + greatest(least(counts_to_on - date '1900-01-01', 99999), 0) * 10000000000
        + greatest(least(date '2173-01-01' - starts_on, 99999), 0) * 100000
        + greatest(least(date '2173-01-01' - joined_on, 99999), 0)
    )) as joined_on,
from employments
group by person_id
