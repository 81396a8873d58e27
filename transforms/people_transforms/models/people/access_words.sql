-- grain: word
-- The words that count as yes or no, in lower case.
select
    unnest([
        'true', 'yes', 'ja', 'ano', 'waar', '1',
        'false', 'no', 'nee', 'ne', 'onwaar', '0',
    ]) as word,
    unnest([
        'yes', 'yes', 'yes', 'yes', 'yes', 'yes',
        'no', 'no', 'no', 'no', 'no', 'no',
    ]) as verdict,
