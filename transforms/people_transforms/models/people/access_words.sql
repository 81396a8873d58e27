-- grain: word
-- The words that count as yes or no, in lower case.
select
    words.word,
    words.verdict,
from (
    values
    ('true', 'yes'), ('yes', 'yes'), ('ja', 'yes'), ('ano', 'yes'), ('waar', 'yes'), ('1', 'yes'),
    ('false', 'no'), ('no', 'no'), ('nee', 'no'), ('ne', 'no'), ('onwaar', 'no'), ('0', 'no')
) as words (word, verdict)
