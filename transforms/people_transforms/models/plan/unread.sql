-- grain: person_id, account_key
-- What of the plan rests on something that was not read tonight, and on what. The marts say what
-- each kind of change rests on, whatever the platform, the source or the change.
with

planned as (

    select * from plan.changes

),

unread_lists as (

    select * from plan.unread_lists

),

cleared as (

    select
        person_id,
        account_key,
        employer_id,
        changes,
        unnest(json_keys(changes)) as field,
    from planned
    where
        operation in ('update', 'reactivate', 'adopt')
        and contains(changes, ',null]')

),

changes as (

    -- A kind of change per row: it adds somebody, it ends somebody in one of the ways, it clears a
    -- field.
    select
        person_id,
        account_key,
        employer_id,
        if(operation = 'deactivate', leaving_kind, 'adds') as change,
    from planned
    where operation in ('create', 'reactivate', 'adopt', 'invite', 'deactivate')
    union all
    select
        person_id,
        account_key,
        employer_id,
        'clears ' || field as change,
    from cleared
    where (changes -> ('$."' || field || '"') ->> 1) is null

)

select
    changes.person_id,
    changes.account_key,
    min(coalesce(
        unread_lists.reason,
        'nothing of employer ' || changes.employer_id || ' was read'
    )) as reason,
from changes
inner join mart.inputs as inputs on changes.change = inputs.change
left join unread_lists
    on
        changes.employer_id = unread_lists.employer_id
        and inputs.fact = unread_lists.fact
where
    unread_lists.fact is not null
    or changes.employer_id not in (select evidence.employer_id from people.evidence as evidence)
group by changes.person_id, changes.account_key
