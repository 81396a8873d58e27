"""What of the plan rests on something that was not read tonight.

The models say what each kind of change rests on (`mart.inputs`) and what was read of it
(`people.evidence`). One check here compares the two, whatever the vendor, the source or the change.
"""

from __future__ import annotations

import duckdb

# A kind of change per row: it adds somebody, it ends somebody in one of the ways, it clears a field.
_CHANGES = """
    select person_id, account_key, employer_id,
        unnest(list_concat(
            case
                when operation in ('create', 'reactivate', 'adopt', 'invite') then ['adds']
                when operation = 'deactivate' then [leaving_kind]
                else []
            end,
            if(
                operation in ('update', 'reactivate', 'adopt') and contains(changes, ',null]'),
                list_transform(
                    list_filter(
                        json_keys(changes),
                        lambda name : (changes -> ('$."' || name || '"') ->> 1) is null
                    ),
                    lambda name : 'clears ' || name
                ),
                []
            )
        )) as change,
    from temp.planned
    where operation <> 'none'
"""

# For the engineer and the log; HR reads the finding of the same fact in the report.
_REASON = """
    case evidence.verdict
        when 'not_asked' then format(
            'the stream {} is not selected in the connection: select it', evidence.stream
        )
        when 'no_column' then format(
            'the column {} of {} does not arrive: tick it in the connection',
            evidence.column_name, evidence.stream
        )
        when 'partial' then format(
            '{} of employer {} was read in part ({} of {})', evidence.stream, evidence.employer_id,
            evidence.distinct_ids, coalesce(evidence.total_size::varchar, 'an unknown number')
        )
        else format('{} of employer {} was not read', evidence.stream, evidence.employer_id)
            || coalesce(format(' (the right it needs: {})', evidence.right_name), '')
    end
"""


def unread_facts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Say of each list or column that says who has an account, and that was not read, why."""
    rows = connection.execute(
        f"""
        select distinct {_REASON} as reason from people.evidence as evidence
        where evidence.verdict <> 'whole' and evidence.fact in (
            select fact from mart.inputs where not starts_with(change, 'clears ')
        )
        order by reason
        """
    ).fetchall()
    return [reason for (reason,) in rows]


def find_unread(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `temp.unread`: the rows of the plan that may not be sent tonight, each with its reason."""
    connection.execute(
        f"""
        create or replace temp table unread as
        with
        changes as ({_CHANGES})
        select changes.person_id, changes.account_key,
            min(coalesce({_REASON}, 'nothing of employer ' || changes.employer_id || ' was read'))
                as reason,
        from changes
        inner join mart.inputs as inputs on changes.change = inputs.change
        left join people.evidence as evidence
            on changes.employer_id = evidence.employer_id and inputs.fact = evidence.fact
        where coalesce(evidence.verdict <> 'whole', changes.employer_id not in (
            select employer_id from people.evidence
        ))
        group by all
        """
    )
