-- grain: employer_id, fact
-- Which fact of which employer was not read whole, and why: for the engineer and the log; HR reads
-- the finding of the same fact in the report.
with

evidence as (

    select * from people.evidence
    where verdict <> 'whole'

)

select
    employer_id,
    fact,
    case verdict
        when 'not_asked'
            then
                format(
                    'the stream {} is not selected in the connection: select it', stream
                )
        when 'no_column'
            then
                format(
                    'the column {} of {} does not arrive: tick it in the connection',
                    column_name,
                    stream
                )
        when 'partial'
            then
                format(
                    '{} of employer {} was read in part ({} of {})',
                    stream,
                    employer_id,
                    distinct_ids,
                    coalesce(total_size::varchar, 'an unknown number')
                )
        else
            format('{} of employer {} was not read', stream, employer_id)
            || coalesce(format(' (the right it needs: {})', right_name), '')
    end as reason,
from evidence
