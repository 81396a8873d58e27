-- grain: kind, subject, person_id, account_key
-- Which change counts for which brake, of those that nothing holds and nobody has approved. A brake
-- on fields counts each `subject` apart; the others have none.
with

planned as (

    select * from plan.free

),

fields as (

    select * from plan.counted_fields

),

by_operation as (

    select
        person_id,
        account_key,
        unnest([
            case
                when operation = 'deactivate' and is_announced then 'announced_removals'
                when operation = 'deactivate' then 'removals'
                when operation in ('create', 'reactivate') then 'additions'
                when operation <> 'invite' then 'updates'
            end,
            if(operation = 'deactivate' and not is_announced, 'removals_7_days', null),
            if(invites, 'invitations', null)
        ]) as kind,
    from planned

),

changed_fields as (

    select
        fields.kind,
        fields.subject,
        fields.part,
        fields.parts,
        planned.person_id,
        planned.account_key,
    from planned
    cross join fields
    where
        planned.operation = 'update'
        and (planned.changes ->> ('$."' || fields.field || '"[0]')) is not null
        -- Another value, or none any more.
        and fields.is_replaced
        = ((planned.changes ->> ('$."' || fields.field || '"[1]')) is not null)

),

by_field as (

    select
        kind,
        subject,
        person_id,
        account_key,
    from changed_fields
    group by kind, subject, person_id, account_key
    having count(distinct part) >= min(parts)

)

select
    kind,
    '' as subject,
    person_id,
    account_key,
from by_operation
where kind is not null
union all
select
    kind,
    subject,
    person_id,
    account_key,
from by_field
