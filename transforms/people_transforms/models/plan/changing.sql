-- grain: person_id, account_key
-- kind: view
-- What was drafted to be done, before its fields are compared.
select * from plan.drafted
where operation <> 'none'
union all by name
select * from plan.absent
where operation <> 'none'
