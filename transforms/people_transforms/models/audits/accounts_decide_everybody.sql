-- grain: person_id
-- Everybody the source lists has a decision: without one a person would count as absent.
select people.person_id
from people.people as people
anti join mart.accounts as decided
    on people.person_id = decided.person_id
