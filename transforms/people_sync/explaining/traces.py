"""What every step of a night knew and decided about one person: raw, rules, plan, calls, accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from people_transforms.person_id import split_id
from people_transforms.privacy.masking import names_somebody, without_names
from people_transforms.store.statements import quoted_name

if TYPE_CHECKING:
    import duckdb

HIDDEN = "(hidden; --names shows it)"
# Columns of the models that say how it was decided and nobody's name.
_OF_MODELS = (
    "employment_status",
    "access",
    "account_key",
    "desired_state",
    "leaving_kind",
    "reason",
    "starts_on",
    "ends_on",
    "contract_type",
)


def trace(database: duckdb.DuckDBPyConnection, person_id: str, run: str) -> dict[str, Any]:
    """Collect what every step of the path knew and decided about one person in one run."""
    source, employer_id, employee_id = split_id(person_id)
    known = {"person": person_id, "run": run}
    return {
        "person_id": person_id,
        "run": _rows(
            database,
            "select run_id, as_of, outcome, vendor from sync.runs where run_id = $run",
            run=run,
        ),
        "raw": _raw(database, source, employer_id, employee_id, run),
        "models": _models(database, person_id, run),
        "findings": _rows(
            database,
            "select code, severity, field, typed_value, args from sync.findings_history "
            "where person_id = $person and valid_from_run <= $run "
            "and (valid_to_run is null or valid_to_run > $run) order by all",
            **known,
        ),
        "decision": _rows(
            database,
            "select account_key, operation, leaving_kind, reason, changes, hold, hold_reason, "
            "starts_on, ends_on, outcome from sync.plan "
            "where person_id = $person and run_id = $run and operation <> 'none' "
            # Who needed nothing is kept by its changes.
            "union all by name select account_key, 'none' as operation, reason from sync.verdicts "
            "where person_id = $person and valid_from_run <= $run "
            "and (valid_to_run is null or valid_to_run > $run) order by account_key, operation",
            **known,
        ),
        "calls": _rows(
            database,
            "select account_key, operation, status, account_id, logged_at, error from sync.deliveries "
            "where person_id = $person and run_id = $run order by logged_at, delivery_id, status",
            **known,
        ),
        "refusals": _rows(
            database,
            "select account_key, operation, cause, field, message, attempts, settled "
            "from sync.dead_letters where person_id = $person and first_run_id <= $run "
            "order by all",
            **known,
        ),
        "accounts_now": _rows(
            database,
            "select account_key, account_id, state, external_id, spell_starts_on, ends_on, "
            "ended_by, updated_run_id from sync.ledger where person_id = $person "
            "order by account_key",
            **known,
        ),
    }


def _raw(
    database: duckdb.DuckDBPyConnection, source: str, employer_id: str, employee_id: str, run: str
) -> dict[str, list[dict[str, Any]]]:
    """The versions of the person's records that were current in that run, table by table."""
    tables = database.execute(
        """
        select table_name, bool_or(column_name = 'employment_id') from duckdb_columns()
        where schema_name = 'raw' and starts_with(table_name, $source || '__')
        and database_name = current_database()
        group by table_name having bool_or(column_name = 'employee_id')
        order by table_name
        """,
        {"source": source},
    ).fetchall()
    employments = f"{source}__employments"
    found = {}
    for table, has_employment in tables:
        where = "employee_id = $employee"
        if has_employment and any(name == employments for name, _ in tables):
            # A custom field read in bulk knows its employment only.
            where += (
                " or (employee_id is null and employment_id in (select employment_id from "  # noqa: S608
                f"raw.{quoted_name(employments)} where employee_id = $employee "
                "and employer_id = $employer))"
            )
        rows = _rows(
            database,
            f"select * exclude (_record_hash) from raw.{quoted_name(table)} "  # noqa: S608
            f"where employer_id = $employer and ({where}) and _valid_from_run <= $run "
            "and (_valid_to_run is null or _valid_to_run > $run) order by all",
            employer=employer_id,
            employee=employee_id,
            run=run,
        )
        if rows:
            found[table] = rows
    return found


def _models(
    database: duckdb.DuckDBPyConnection, person_id: str, run: str
) -> dict[str, list[dict[str, Any]]]:
    """What the rules made of the person, model by model; they are kept of the latest plan only."""
    latest = database.execute(
        "select max(run_id) from sync.runs where plan_hash is not null"
    ).fetchone()
    if latest is None or latest[0] != run:
        return {}
    tables = database.execute(
        """
        select schema_name || '.' || table_name, list(column_name order by column_index)
        from duckdb_columns() where database_name = current_database()
        and schema_name in ('people', 'mart')
        group by schema_name, table_name
        having list_contains(list(column_name), 'person_id') and (
            schema_name || '.' || table_name in ('people.people', 'people.employments')
            or list_contains(list(column_name), 'desired_state')
        )
        order by schema_name desc, table_name
        """
    ).fetchall()
    found = {}
    for table, columns in tables:
        listed = ", ".join(name for name in columns if name in _OF_MODELS)
        rows = _rows(
            database,
            f"select {listed or 'person_id'} from {table} where person_id = $person order by all",  # noqa: S608
            person=person_id,
        )
        if rows:
            found[table] = rows
    return found


def _rows(database: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[dict[str, Any]]:
    bound = {name: value for name, value in values.items() if f"${name}" in sql}
    result = database.execute(sql, bound)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def without_anybody(story: dict[str, Any]) -> dict[str, Any]:
    """Hide names, addresses and numbers of people in what `trace` collected."""
    raw = {
        table: [
            {
                name: HIDDEN
                if value is not None and names_somebody(f"raw.{table}", name, table.split("__")[0])
                else value
                for name, value in row.items()
            }
            for row in rows
        ]
        for table, rows in story["raw"].items()
    }
    findings = []
    for row in story["findings"]:
        known = json.loads(row["args"] or "{}")
        typed_value, args = without_names(row["field"], row["typed_value"], known)
        findings.append(
            {**row, "typed_value": typed_value, "args": json.dumps(args, ensure_ascii=False)}
        )
    decision = [
        {**row, "changes": sorted(json.loads(row["changes"] or "{}"))} for row in story["decision"]
    ]
    return {**story, "raw": raw, "findings": findings, "decision": decision}
