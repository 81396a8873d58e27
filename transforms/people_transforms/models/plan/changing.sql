-- grain: person_id, account_key
-- kind: view
-- What was drafted to be done, before its fields are compared.
select * from plan.drafts
where operation <> 'none'
