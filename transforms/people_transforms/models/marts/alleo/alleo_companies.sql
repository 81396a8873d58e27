-- grain: employer_id
-- Which Alleo company each employer was mapped to in the settings, and whether Alleo knows it.
with

mapped as (

    select unnest(from_json(
        coalesce(getvariable('settings')::json -> '$.companies', '[]'::json),
        '[{"employer_id": "VARCHAR", "company_id": "VARCHAR", "company_group_id": "BIGINT"}]'
    )) as company

),

one_per_employer as (

    select
        company.employer_id,
        -- Two companies for one employer is no mapping.
        if(count(distinct company.company_id) = 1, min(company.company_id), null) as company_id,
        min(company.company_group_id) as company_group_id,
    from mapped
    where company.company_id is not null
    group by company.employer_id

)

select
    employer_id,
    company_id,
    company_group_id,
    len(coalesce(getvariable('known_account_keys')::varchar[], [])) = 0
    or list_contains(getvariable('known_account_keys')::varchar[], company_id) as is_known,
from one_per_employer
where company_id is not null
