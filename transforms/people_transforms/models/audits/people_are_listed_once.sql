-- grain: person_id
-- A person stands in people.people once.
select person_id
from people.people
group by person_id
having count(*) > 1
