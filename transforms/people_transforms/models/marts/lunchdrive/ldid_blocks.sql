-- grain: person_id, note, block_number
-- kind: view
-- What stands after each LDID, up to the end of its line: numbers, and whether they can be read.
with

blocks as (

    select
        person_id,
        note,
        unnest(string_split(marked_text, chr(1))[2:]) as block,
        generate_subscripts(string_split(marked_text, chr(1))[2:], 1) as block_number,
    from mart.ldid_texts
    where level = 'employee'

),

lines as (

    select
        person_id,
        note,
        block_number,
        -- Phone numbers, dates and times are text, whatever stands before them.
        regexp_replace(
            regexp_replace(split_part(block, e'\n', 1), '^ *[:=]? *', ''),
            '(\+|\b00) ?42[01] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}\b'
            || '|\b[0-9]{1,2}\. ?[0-9]{1,2}\. ?([0-9]{4}\b)?|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b'
            || '|\b[0-9]{1,2}:[0-9]{2}\b',
            chr(3), 'g'
        ) as line,
    from blocks

),

listed as (

    select
        *,
        regexp_extract(
            line, '^[0-9]+( *[,;/|+&][ ,;/|+&]*[0-9]+| +[0-9]+)*'
        ) as number_list,
    from lines

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
