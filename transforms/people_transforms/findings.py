"""What HR should know or mend, from the rules and from the engine, in one table.

A finding is a code and its values; the words are in models/messages, one file per language.
"""

from __future__ import annotations

import duckdb

_COLUMNS = "person_id, employer_id, code, severity, field, typed_value, args"

# Codes that the engine itself finds; the rules' own findings come from the models.
_ENGINE_FINDINGS = """
    select person_id, employer_id,
        case reason
            when 'ended_by_other' then 'account_ended_by_other'
            when 'absent' then 'person_absent'
            when 'absent_once' then 'person_absent'
            when 'employer_gone' then 'employer_gone'
        end as code,
        'warning' as severity, null as field, null as typed_value,
        json_object('account', account_key) as args
    from temp.plan_planned
    where reason in ('ended_by_other', 'absent', 'absent_once', 'employer_gone')
    and (reason = 'ended_by_other' or held_state = 'active')
    union all
    select refused.person_id, planned.employer_id, 'value_taken', 'warning', refused.field, null,
        json_object('account', refused.account_key, 'holder', refused.holder)
    from temp.plan_refused_claims as refused
    inner join temp.plan_planned as planned
        on refused.person_id = planned.person_id and refused.account_key = planned.account_key
    union all
    select person_id, employer_id, 'account_conflict', 'error', null, null,
        json_object('account', account_key)
    from temp.plan_planned where hold = 'conflict'
    union all
    select person_id, employer_id,
        case
            when field <> 'state' then 'account_changed_by_other'
            when actual = 'missing' then 'account_missing'
            else 'account_revived_by_other'
        end,
        'warning', null, null,
        json_object('account', account_key, 'account_field', field, 'policy', policy)
    from temp.plan_drift
    where policy <> 'agreed' and (field <> 'state' or actual <> 'inactive')
    union all
    select person_id, employer_id, code, 'warning', null, null,
        json_object('account', account_key, 'external_id', external_id)
    from temp.plan_forgotten
    union all
    select person_id, employer_id, 'account_of_other', 'error', null, null,
        json_object('account', account_key)
    from temp.plan_foreign_accounts
    where is_active
    or (person_id, account_key) in (
        select (person_id, account_key) from temp.plan_planned where hold = 'foreign_account'
    )
    union all
    select person_id, employer_id, 'account_doubled', 'warning', null, null,
        json_object('account', account_key, 'copies', copies)
    from temp.plan_double_accounts
    union all
    select person_id, employer_id, 'person_rekeyed', 'info', null, null,
        json_object('former', former, 'former_id', former_id)
    from temp.plan_taken_over
    union all
    select person_id, employer_id, 'person_looks_known', 'warning', null, null,
        json_object('former', former, 'former_id', former_id)
    from temp.plan_open_lookalikes
    where person_id in (select person_id from temp.plan_planned where hold = 'rekeyed')
    or former_id in (select person_id from temp.plan_planned where hold = 'rekeyed')
    union all
    select person_id, employer_id, 'person_listed_twice', 'warning', null, null,
        json_object('account', account_key)
    from temp.plan_listed_twice
    inner join temp.plan_planned as planned using (person_id, account_key, row_hash)
    where planned.hold = 'rekeyed'
    union all
    select person_id, employer_id, 'person_replaced', 'error', null, null,
        json_object('owner', owner_name)
    from temp.plan_strangers
    union all
    select null, employer_id,
        -- A record without the field that cannot be read came twice, each time another.
        if(record_key is not null and field is null, 'record_contradicts', 'unreadable_record'),
        'error', field, null,
        json_object('stream', stream, 'record', record_key, 'line', line)
    from sync.rejected_records where run_id = $run_id
"""


def store_findings(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Replace `sync.findings` by the findings of this run."""
    pieces = [
        f"select {_COLUMNS} from {schema}.{table}"
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where table_name = 'findings' and schema_name in ('people', 'mart') "
            "and database_name = current_database() order by all"
        ).fetchall()
    ]
    connection.execute("delete from sync.findings")
    connection.execute(
        f"""
        insert into sync.findings by name
        select distinct $run_id as run_id, {_COLUMNS.replace("args", "args::json as args")} from (
            {" union all ".join([*pieces, _ENGINE_FINDINGS])}
        ) as found
        """,
        {"run_id": run_id},
    )
