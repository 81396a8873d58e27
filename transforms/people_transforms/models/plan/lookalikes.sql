-- grain: person_id, former_id
-- Who may be a former person with an account: a question, where nothing was taken over of either.
select * exclude (is_same) from plan.known_pairs
where
    person_id not in (select taken.person_id from plan.taken_over as taken)
    and former_id not in (select taken.former_id from plan.taken_over as taken)
