-- grain: employer_id
-- Of each employer how many people have a value of a column that HR types and the rules need, and
-- how many values these are: none, one and more are exact, how many more need not be, and of a
-- million people costs a second. Many may begin on one day, and nearly everybody has no last one.
-- An employer that is no longer listed says nothing of its people any more.
with

noted as (

    select
        employer_id,
        count(*) as notes,
    from plan.notes
    group by employer_id

)

select
    coalesce(people.employer_id, '') as employer_id,
    count(*) as people,
    {
        'personal_number': count(people.personal_number),
        'first_name': count(people.first_name),
        'last_name': count(people.last_name),
        'business_email': count(people.business_email),
        'birth_on': count(people.birth_on),
        'starts_on': count(people.starts_on),
        'access': count(*) filter (where people.access <> 'not_said'),
        'note': coalesce(any_value(noted.notes), 0)
    } as filled,
    {
        'personal_number': count_values(people.personal_number),
        'first_name': count_values(people.first_name),
        'last_name': count_values(people.last_name),
        'business_email': count_values(people.business_email),
        'birth_on': count_values(people.birth_on)
    } as distinct_values,
    coalesce(
        count(people.ends_on) = count(*) and min(people.ends_on) = max(people.ends_on), false
    ) as has_one_last_day,
    coalesce(max(people.ends_on) <= getvariable('as_of'), false) as is_over,
from people.people as people
left join noted on people.employer_id = noted.employer_id
where people.employment_status is distinct from 'employer_gone'
group by people.employer_id
