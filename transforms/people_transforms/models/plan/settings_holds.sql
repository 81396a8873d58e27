-- grain: person_id, account_key
-- What a setting that was changed would move, end or begin of people of whom HR says nothing new:
-- of several people, or of some where there are few. Leavers, and who is gone, are HR's word.
with

changed as (

    select
        string_agg('`' || moving.setting_name || '`', ', ' order by moving.setting_name)
            as listed_names,
    from plan.changed_settings as moving

),

approved as (

    select distinct row_hash from plan.approved

),

firm as (

    -- What waits for a read would be moved by it too.
    select
        person_id,
        account_key,
    from plan.held
    where not is_releasable and kind not in ('not_read', 'employer_gone')

),

known as (

    select person_id from sync.ledger
    union
    select person_id from sync.verdicts

),

moved as (

    select planned.*
    from plan.changes as planned
    inner join known on planned.person_id = known.person_id
    left join approved on planned.row_hash = approved.row_hash
    left join firm
        on planned.person_id = firm.person_id and planned.account_key = firm.account_key
    where
        planned.operation not in ('none', 'invite')
        and coalesce(planned.leaving_kind, '') not in ('ended', 'absent')
        and planned.reason <> 'undone'
        and approved.row_hash is null
        and firm.person_id is null
        and planned.person_id not in (select told.person_id from plan.told_since as told)

),

numbers as (

    select count(distinct person_id) as people from moved

)

select
    moved.person_id,
    moved.account_key,
    moved.row_hash,
    'settings_moved' as kind,
    changed.listed_names
    || ' in the settings changed, and HR says nothing new of these people' as reason,
from moved
cross join changed
cross join numbers
cross join plan.several as several
where
    changed.listed_names is not null
    and numbers.people >= several.people
