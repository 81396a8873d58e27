-- grain: employer_id, account_key
-- The one house that the settings name, whoever the employer is.
select
    null::varchar as employer_id,
    getvariable('settings')::json ->> '$.house_id' as account_key,
