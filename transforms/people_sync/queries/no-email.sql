-- Who has no e-mail address.
select person, personal_number, employer from report.accounts where is_active and email is null
union
select person, personal_number, employer from report.not_in where email is null
order by employer, person, personal_number
