-- grain: code, person_id, account_key, external_id
-- What a lost store leaves open: active accounts of people whom HR no longer lists, and new ones of
-- whom nobody knows whether they were invited.
select
    'account_unlisted' as code,
    null::varchar as person_id,
    null::varchar as employer_id,
    account_key,
    external_id,
from plan.unlisted_accounts
union all
select
    'not_invited' as code,
    newcomers.person_id,
    newcomers.employer_id,
    newcomers.account_key,
    newcomers.external_id,
from plan.silent as newcomers
cross join plan.rebuilt as rebuilt
cross join plan.policy as policy
where
    newcomers.operation = 'create'
    and rebuilt.is_rebuilt
    and policy.is_inviting
    and not policy.invites_everybody
