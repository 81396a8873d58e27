-- grain: person_id, note
-- kind: step
-- Notes in plain characters (as NFKC would): blanks are blanks, full-width signs are ASCII,
-- nothing is hidden; each LDID that is a word of its own is the mark chr(1), one glued to letters
-- chr(2).
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
        without_hidden(regexp_replace(wide(split_note), '[\t\pZ]', ' ', 'g')) as plain_text,
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
