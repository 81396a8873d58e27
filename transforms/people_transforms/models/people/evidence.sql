-- grain: employer_id, fact
-- kind: step
-- What was read tonight of each fact, per employer: the worst of what it rests on. Only `whole`
-- is an answer; `no_column` is a list without one of its columns.
with

judged as (

    select
        employers.employer_id,
        facts.fact,
        facts.stream,
        facts.column_name,
        facts.right_name,
        tonight.distinct_ids,
        tonight.total_size,
        case
            when tonight.verdict is null then 'not_read'
            when
                tonight.verdict in ('whole', 'partial')
                and list_contains(tonight.missing_columns, facts.column_name)
                then 'no_column'
            else tonight.verdict
        end as verdict,
    from people.employers as employers
    cross join people.policy as policy
    cross join staging.people_input_facts as facts
    left join sync.evidence as tonight
        on
            tonight.run_id = getvariable('run_id')
            and employers.employer_id = tonight.employer_id
            and facts.stream = tonight.stream
    -- Where the settings ask no field who takes part, nothing rests on it.
    where facts.fact <> 'access' or policy.access_field <> ''

),

ranked as (

    select
        *,
        row_number() over (
            partition by employer_id, fact
            order by
                case verdict
                    when 'not_asked' then 1
                    when 'not_read' then 2
                    when 'no_column' then 3
                    when 'partial' then 4
                    else 5
                end,
                stream,
                column_name
        ) as place,
    from judged

)

select
    employer_id,
    fact,
    verdict,
    stream,
    if(verdict = 'no_column', column_name, null) as column_name,
    right_name,
    distinct_ids,
    total_size,
from ranked
where place = 1
