-- Who has no account, why, and since when.
select person, personal_number, employer, reason_en, day as since
from report.not_in
order by employer, person, since
