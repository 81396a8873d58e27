-- grain: person_id, former_id
-- Who may be a former person, and has not been approved as another one. The end of the former one
-- carries the day on which it is planned, so it is released with the other's new account.
with

lookalikes as (

    select * from plan.lookalikes

),

approved as (

    select planned.person_id
    from plan.changes as planned
    inner join plan.approved as approved on planned.row_hash = approved.row_hash
    where planned.operation in ('create', 'adopt')

)

select lookalikes.*
from lookalikes
left join approved on lookalikes.person_id = approved.person_id
where approved.person_id is null
