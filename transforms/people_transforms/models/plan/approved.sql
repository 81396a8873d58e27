-- grain: row_hash
-- The changes that a valid approval releases tonight, and by which. What the vendor confirmed after
-- the plan that was approved is used up; so is what a later night's plan lacked.
with

asked as (

    select
        planned.plan_hash,
        planned.row_hash,
        planned.person_id,
        planned.account_key,
        question_of(planned.operation) as question,
        max(planned.run_id) as run_id,
    from sync.plan as planned
    inner join plan.hold_kinds as kinds on planned.hold = kinds.kind
    where
        planned.operation <> 'none'
        and kinds.is_releasable
        and exists (
            select 1
            from plan.own_approvals as given
            where
                given.expires_at > getvariable('now')
                and given.plan_hash = planned.plan_hash
                and (given.rows is null or list_contains(given.rows, planned.row_hash))
        )
    group by all

)

select
    asked.row_hash,
    min(asked.plan_hash) as released_by,
from asked
where
    not exists (
        select 1
        from plan.answered as done
        where
            done.person_id = asked.person_id
            and done.account_key = asked.account_key
            and done.question = asked.question
            and done.run_id > asked.run_id
    )
    and (asked.plan_hash, asked.row_hash) not in (
        select (taken_back.plan_hash, taken_back.row_hash)
        from plan.withdrawn as taken_back
    )
group by asked.row_hash
