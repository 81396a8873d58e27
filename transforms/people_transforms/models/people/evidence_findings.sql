-- grain: employer_id, code, field
-- kind: view
-- Lists and columns that were not read tonight: nothing that rests on them is done.
with

unread as (

    select
        employer_id,
        verdict,
        stream,
        column_name,
        min(right_name) as right_name,
        min(distinct_ids) as distinct_ids,
        min(total_size) as total_size,
    from people.evidence
    where verdict <> 'whole'
    group by
        employer_id,
        verdict,
        stream,
        column_name

)

select
    employer_id,
    case verdict
        when 'not_asked' then 'list_not_asked'
        when 'no_column' then 'column_not_read'
        when 'partial' then 'list_read_in_part'
        else 'list_not_read'
    end as code,
    coalesce(stream || '.' || column_name, stream) as field,
    json_object(
        'stream', stream, 'column', column_name, 'right', right_name,
        'read', distinct_ids, 'exist', total_size
    ) as args,
from unread
