-- grain: person_id, note, block_number
-- kind: view
-- What stands after each LDID, up to the end of its line, without phone numbers, dates and times.
with

cut as (

    select
        person_id,
        employer_id,
        note,
        string_split(marked_text, chr(1)) as parts,
    from mart.ldid_texts
    where level = 'employee'

),

-- What stands before the first LDID is no block.
numbered as (

    select
        *,
        unnest(range(1, len(parts))) as block_number,
    from cut

),

blocks as (

    select
        *,
        parts[block_number + 1] as block,
    from numbered

),

lines as (

    select
        person_id,
        employer_id,
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

)

select * from lines
