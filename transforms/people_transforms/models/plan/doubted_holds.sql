-- grain: person_id, account_key
-- Who would be added at a place whose list lacks most of the accounts that are known there: perhaps
-- the account is there, and not listed.
select
    planned.person_id,
    planned.account_key,
    planned.row_hash,
    'list_doubted' as kind,
    format(
        'the list of accounts in {} has {} of the {} that are known',
        doubted_places.account_key,
        doubted_places.there,
        doubted_places.known
    ) as reason,
from plan.changes as planned
inner join plan.doubted_places as doubted_places
    on planned.account_key = doubted_places.account_key
where planned.operation in ('create', 'adopt')
