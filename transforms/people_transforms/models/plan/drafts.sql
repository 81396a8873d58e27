-- grain: person_id, account_key
-- kind: view
-- What each account needs by its state and its hash, of people whom HR lists and of absent ones.
select * from plan.drafted
union all by name
select * from plan.absent
