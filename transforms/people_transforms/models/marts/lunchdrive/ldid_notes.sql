-- grain: person_id, level, note
-- kind: step
-- Notes that may hold an LDID. Most are exactly `LDID: 32567`; only the others need the grammar.
select
    person_id,
    employer_id,
    level,
    note,
    nullif(
        ltrim(regexp_extract(wide(note), '^\s*(?i:LDID)[ :=]? ?([0-9]{1,10})\s*$', 1), '0'), ''
    ) as plain_id,
from people.notes
where
    regexp_matches(
        latin(wide(note)),
        '(?i)l[^\pL\pN\n]{0,3}d[^\pL\pN\n]{0,3}[i1l!|í][^\pL\pN\n]{0,3}d'
        || '|\b(lidd|lddi|dlid|ldi|lid|ldd)[ :=]+[0-9]'
    )
