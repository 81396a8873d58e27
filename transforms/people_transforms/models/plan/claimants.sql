-- grain: person_id, external_id, wanted_account_key, spell_starts_on
-- kind: view
-- Who may claim an account that carries an external id of ours: the people of the mart, and whoever
-- was being created when a run was cut off, also if HR has removed them since.
with

created as (

    select
        planned.external_id,
        planned.person_id,
        planned.employer_id,
        planned.spell_starts_on,
        null::varchar as wanted_account_key,
        planned.changes,
    from sync.plan as planned
    inner join plan.unsettled as unsettled
        on planned.person_id = unsettled.person_id and planned.account_key = unsettled.account_key
    where planned.operation = 'create'
    qualify row_number() over (
        partition by planned.external_id
        order by planned.person_id asc, planned.spell_starts_on desc, planned.run_id desc
    ) = 1

)

select
    external_id,
    person_id,
    employer_id,
    spell_starts_on,
    account_key as wanted_account_key,
    null::json as changes,
from plan.wanted
union all
select * from created
