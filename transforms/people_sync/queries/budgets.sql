-- What budget each person has, and what it was before.
select person, employer, budget, amount_eur, previous_amount_eur, day as since
from report.budgets
order by employer, person, budget
