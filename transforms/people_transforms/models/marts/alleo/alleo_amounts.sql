-- grain: typed_value
-- Amounts of money as HR typed them, to exact cents, or the reason why they cannot be read.
with

typed as (

    select distinct typed_value
    from people.custom_fields
    where
        regexp_full_match(field_name, 'alleo_(monthly|oneoff)_.+_budget')
        and typed_value is not null

),

plain as (

    select
        typed_value,
        regexp_replace(
            regexp_replace(
                translate(lower(typed_value), '−–', '--'),
                '^(€|euro?) *| *(€|euro?)$', '', 'g'
            ),
            '([,.])--?$', '\1' || '00'
        ) as body,
    from typed

),

judged as (

    select
        *,
        case
            when regexp_matches(body, '^-|-$') then 'negative'
            when regexp_full_match(body, '[1-9][0-9]{0,2}[.,][0-9]{3}') then 'ambiguous'
            when regexp_full_match(body, '[0-9]{1,3}([ ''’][0-9]{3})+([.,][0-9]{1,2})?') then 'ok'
            when regexp_full_match(body, '[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}') then 'ok'
            when regexp_full_match(body, '[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,2}') then 'ok'
            when regexp_full_match(body, '[0-9]{1,3}((\.[0-9]{3}){2,}|(,[0-9]{3}){2,})') then 'ok'
            when regexp_full_match(body, '[0-9]+([.,][0-9]{1,2})?') then 'ok'
            when regexp_full_match(
                body, '([0-9]{1,3}((\.[0-9]{3})+,|(,[0-9]{3})+\.)|[0-9]+[.,])[0-9]{3,}'
            ) then 'too_many_decimals'
            else 'not_a_number'
        end as verdict,
        regexp_replace(regexp_replace(body, '[.,][0-9]{1,2}$', ''), '[^0-9]', '', 'g') as whole,
        rpad(regexp_extract(body, '[.,]([0-9]{1,2})$', 1), 2, '0') as cents,
    from plain

)

select
    typed_value,
    if(verdict = 'ok' and length(whole) <= 9, (whole || cents)::bigint, null) as amount_cents,
    case
        when verdict <> 'ok' then verdict
        when length(whole) > 9 then 'too_large'
    end as reject_reason,
from judged
