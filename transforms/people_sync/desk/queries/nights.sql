-- grain: run_id
-- The runs of a connection, latest first, with what each sent and what waited after it.
with

counted as (

    select
        run_id,
        count(distinct person_id) filter (
            where operation in ('create', 'adopt', 'reactivate') and outcome = 'confirmed'
        ) as joined,
        count(distinct person_id) filter (
            where operation = 'update' and outcome = 'confirmed'
        ) as changed,
        count(distinct person_id) filter (
            where operation = 'deactivate' and outcome = 'confirmed'
        ) as gone,
        count(distinct person_id) filter (
            where hold is not null and hold <> 'dead_letter' and operation <> 'none'
        ) as held,
        count(*) filter (where outcome = 'parked') as refused,
    from sync.plan
    group by run_id

)

select
    runs.*,
    coalesce(counted.joined, 0) as joined,
    coalesce(counted.changed, 0) as changed,
    coalesce(counted.gone, 0) as gone,
    coalesce(counted.held, 0) as held,
    coalesce(counted.refused, 0) as refused,
from sync.runs as runs
left join counted on runs.run_id = counted.run_id
order by runs.run_id desc
limit $most
