-- grain: person_id, former_id
-- Whom HR typed anew under another id: the accounts of the old one go over to the new one.
select * exclude (is_same) from plan.known_pairs
where is_same
