-- grain: person_id, employment_id
-- kind: inline
-- Employments with the days on which they count: the last day is inclusive.
select
    employments.person_id,
    employments.employer_id,
    employments.employment_id,
    employments.payroll_administration_id,
    employments.starts_on,
    -- Year 9999 is how some systems write "no end".
    case
        when employments.ends_on < date '9999-01-01' then employments.ends_on
    end as ends_on,
    employments.historical_starts_on,
    employments.starts_on - policy.days_before_start as counts_from_on,
    case
        when employments.ends_on < date '9999-01-01'
            then employments.ends_on + policy.days_after_end
        else date '9999-12-31'
    end as counts_to_on,
    coalesce(employments.ends_on < employments.starts_on, false) as is_backwards,
    employments.known_from_run,
from staging.people_input_employments as employments
cross join people.policy as policy
