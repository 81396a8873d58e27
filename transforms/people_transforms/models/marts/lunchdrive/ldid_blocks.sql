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
        regexp_extract_all(listed.number_list, '[ ,;/|+&]*[0-9]+') as items,
        substr(listed.line, length(listed.number_list) + 1) as rest,
    from listed
    cross join mart.lunchdrive_policy as policy

),

cut as (

    select
        *,
        -- A number after a mere blank counts only if it is a client; else the text begins there.
        list_filter(
            range(2, len(items) + 1), lambda number:
            trim(items[number]) = regexp_extract(items[number], '[0-9]+')
            and not list_contains(client_ids, ltrim(trim(items[number]), '0'))
        )[1] as text_begins,
        -- The next number, when little stands between.
        ltrim(regexp_extract(rest, '^[^0-9\x{3}]{1,20}([0-9]+)', 1), '0') as next_number,
    from itemised

)

select
    person_id,
    employer_id,
    note,
    block_number,
    line,
    list_transform(
        array_slice(items, 1, coalesce(text_begins - 1, len(items))),
        lambda item: coalesce(nullif(ltrim(regexp_extract(item, '[0-9]+'), '0'), ''), '0')
    ) as numbers,
    case
        when regexp_matches(line, '^[-+] ?[0-9]') then 'sign'
        when number_list = '' and not regexp_matches(line, '[0-9]') then 'no_number'
        when number_list = '' then 'letters'
        when text_begins is not null then null
        when regexp_matches(rest, '^\x{fffd}') then 'hidden'
        when regexp_matches(rest, '^([\pL\pN_\x{2}]|[.:''’´`][0-9])') then 'letters'
        when regexp_matches(rest, '^ *[,;/|+&][ ,;/|+&]*[OoIlSBZ][OoIlSBZ0-9]{3}') then 'letters'
        when regexp_matches(rest, '^ *[-–—] *[0-9]') then 'range'
        when regexp_matches(
            rest,
            '(?i)^[ ,;/|+&]*((a|i|aj|and|und|en|nebo|alebo|či|or|oder|of|plus|sowi'
            || 'e|resp|evt|popř|příp|případně|také|taky|též|tiež|ook|ako)[.,]? +){1,3}[0-9]'
        ) then 'words'
        -- Whatever else parts two numbers: not one of them may be passed over without a word.
        when regexp_matches(
            rest, '^ *([^\pL\pN .,;!?:()\[\]{}''"’“”„…\x{3}]{1,3}|\\[a-z]) *[0-9]'
        ) then 'signs'
        when
            list_contains(client_ids, next_number)
            or (is_any_client and length(next_number) = length(items[1]))
            then 'words'
    end as problem,
from cut
