-- grain: person_id, note, block_number
-- kind: view
-- The numbers after each LDID, and the problem of those that cannot be read.
with

listed as (

    select
        *,
        regexp_extract(
            line, '^[0-9]+( *[,;/|+&][ ,;/|+&]*[0-9]+| +[0-9]+)*'
        ) as number_list,
    from mart.ldid_lines

),

itemised as (

    select
        listed.*,
        policy.client_ids,
        policy.is_any_client,
        regexp_extract_all(number_list, '[ ,;/|+&]*[0-9]+') as items,
        substr(line, length(number_list) + 1) as rest,
    from listed
    cross join mart.lunchdrive_policy as policy

),

cut as (

    select
        *,
        -- A number after a mere blank counts only if it is a client; else the text begins there.
        list_position(list_transform(items, lambda item, place:
            place > 1 and trim(item) = regexp_extract(item, '[0-9]+')
            and not list_contains(client_ids, ltrim(trim(item), '0'))
        ), true) as text_begins,
    from itemised

)

select
    person_id,
    note,
    block_number,
    line,
    list_transform(
        items[:coalesce(text_begins - 1, len(items))],
        lambda item: coalesce(nullif(ltrim(regexp_extract(item, '[0-9]+'), '0'), ''), '0')
    ) as numbers,
    case
        when regexp_matches(line, '^[-+] ?[0-9]') then 'sign'
        when number_list = '' and not regexp_matches(line, '[0-9]') then 'no_number'
        when number_list = '' then 'letters'
        when text_begins is not null then null
        when regexp_matches(rest, '^([\pL\pN_\x{2}]|[.:''’´`][0-9])') then 'letters'
        when regexp_matches(rest, '^ *[,;/|+&][ ,;/|+&]*[OoIlSBZ][OoIlSBZ0-9]{3}') then 'letters'
        when regexp_matches(rest, '^ *[-–—] *[0-9]') then 'range'
        when regexp_matches(rest, '(?i)^ *(a|i|and|und|en|y|nebo|alebo|či|or|oder) +[0-9]') then 'words'
    end as problem,
from cut
