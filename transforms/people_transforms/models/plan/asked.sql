-- grain: person_id, account_key
-- kind: view
-- What may be asked tonight, each with how often it was answered before: confirmed, or approved and
-- taken back. Asked again it is another question.
with

answers as (

    select
        person_id,
        account_key,
        question,
        times,
    from plan.answered
    union all
    select
        person_id,
        account_key,
        question_of(operation) as question,
        1 as times,
    from plan.withdrawn

),

answered as (

    select
        person_id,
        account_key,
        question,
        sum(times)::bigint as times,
    from answers
    where (person_id, account_key) in (
        select (askable.person_id, askable.account_key)
        from plan.askable as askable
    )
    group by person_id, account_key, question

)

select
    askable.*,
    coalesce(answered.times, 0) as times,
from plan.askable as askable
left join answered
    on
        askable.person_id = answered.person_id
        and askable.account_key = answered.account_key
        and question_of(askable.operation) = answered.question
