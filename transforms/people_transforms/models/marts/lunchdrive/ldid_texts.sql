-- grain: person_id, note
-- kind: view
-- Notes in plain characters (as NFKC would): blanks are blanks, full-width signs are ASCII, and
-- each LDID that is a word of its own is the mark chr(1), one glued to letters chr(2).
with

plain_lines as (

    select
        *,
        regexp_replace(
            note, '(?i)<br ?/?>|\r\n?|[\x{0b}\x{0c}\x{85}\x{2028}\x{2029}]', e'\n', 'g'
        ) as split_note,
    from mart.ldid_notes
    where plain_id is null

),

plain_characters as (

    select
        *,
        if(not regexp_matches(
            split_note,
            '[\t\x{a0}\x{ad}\x{2000}-\x{200d}\x{202f}\x{2060}\x{3000}\x{feff}-\x{ff5e}]'
        ), split_note, regexp_replace(
            translate(
                split_note,
                array_to_string(list_transform(range(33, 127), lambda n: chr(n::int + 65248)), '')
                || chr(173) || chr(8203) || chr(8204) || chr(8205) || chr(8288) || chr(65279),
                array_to_string(list_transform(range(33, 127), lambda n: chr(n::int)), '')
            ),
            '[\t\pZ]', ' ', 'g'
        )) as plain_text,
    from plain_lines

),

marked as (

    select
        *,
        regexp_replace(replace(plain_text, '&nbsp;', ' '), '(?i)ldid', chr(1), 'g') as marked_text,
    from plain_characters

)

select
    person_id,
    employer_id,
    level,
    note,
    plain_text,
    regexp_replace(
        regexp_replace(marked_text, '\x{1}([\pL\x{1}])', chr(2) || '\1', 'g'),
        '([\pL\pN_\x{2}])\x{1}', '\1' || chr(2), 'g'
    ) as marked_text,
from marked
