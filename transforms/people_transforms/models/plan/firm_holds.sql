-- grain: person_id, account_key
-- What no approval releases, and why: it waits for HR, for the settings, for the platform, or for a
-- better read, as absence of evidence is no evidence.
with

planned as (

    select * from plan.changes

),

refused_again as (

    select * from plan.refused_again

),

unread as (

    select * from plan.unread

),

met as (

    select
        planned.person_id,
        planned.account_key,
        planned.row_hash,
        case
            when planned.hold is not null then planned.hold
            when refused_again.person_id is not null then 'dead_letter'
            when
                planned.operation = 'deactivate'
                and planned.employer_id not in (
                    select employers.employer_id from people.employers as employers
                )
                then 'employer_gone'
            when unread.person_id is not null then 'not_read'
        end as kind,
        unread.reason as unread_reason,
    from planned
    left join refused_again
        on
            planned.person_id = refused_again.person_id
            and planned.account_key = refused_again.account_key
    left join unread
        on
            planned.person_id = unread.person_id
            and planned.account_key = unread.account_key

)

select
    person_id,
    account_key,
    row_hash,
    kind,
    case kind
        when 'conflict' then 'another account has a value that must be unique'
        when 'foreign_account' then 'an account with this id belongs to somebody else'
        when 'outside_settings'
            then
                'the settings of this connection no longer name this company or client '
                || 'for this employer'
        when 'dead_letter' then 'the vendor refused this change before'
        when 'employer_gone' then 'the employer is no longer listed: access was probably lost'
        else unread_reason
    end as reason,
from met
where kind is not null
