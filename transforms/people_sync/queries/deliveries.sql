-- The last 200 calls that changed something at the platform, with their answers.
select
    deliveries.logged_at,
    deliveries.operation,
    deliveries.status,
    deliveries.account_key,
    deliveries.person_id,
    deliveries.account_id,
    deliveries.error,
from sync.deliveries as deliveries
order by deliveries.logged_at desc, deliveries.delivery_id, deliveries.status
limit 200
