-- grain: person_id, account_key
-- kind: view
-- What HR wants at each place: at those that the mart names, at those of people's other accounts,
-- and, for people without any account, nowhere in particular (`*`).
select
    wanted.person_id,
    wanted.account_key,
    wanted.account_key as mart_account_key,
    wanted.employer_id,
    wanted.external_id,
    wanted.desired_state,
    wanted.leaving_kind,
    wanted.reason,
    wanted.starts_on,
    wanted.ends_on,
    wanted.spell_starts_on,
    wanted.unbroken_since_on,
    wanted.payload_hash,
from plan.wanted as wanted
where
    wanted.account_key <> '*'
    or wanted.person_id not in (
        select held.person_id from sync.ledger as held
        where held.vendor = getvariable('vendor')
    )
union all
select
    spread.person_id,
    spread.account_key,
    spread.mart_account_key,
    wanted.employer_id,
    wanted.external_id,
    if(wanted.account_key = '*', wanted.desired_state, 'ended') as desired_state,
    if(wanted.account_key = '*', wanted.leaving_kind, 'routed_away') as leaving_kind,
    if(wanted.account_key = '*', wanted.reason, 'routed_away') as reason,
    wanted.starts_on,
    wanted.ends_on,
    wanted.spell_starts_on,
    wanted.unbroken_since_on,
    wanted.payload_hash,
from plan.spread as spread
inner join plan.wanted as wanted
    on spread.person_id = wanted.person_id and spread.mart_account_key = wanted.account_key
