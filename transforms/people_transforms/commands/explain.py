"""`people-sync explain`: one person from the raw value to the vendor's answer, for any run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_transforms.commands.options import connection_options, output_option

if TYPE_CHECKING:
    import duckdb

    from people_transforms.commands.store import Store

HIDDEN = "(hidden; --names shows it)"


@click.command("explain", short_help="Why one person is in or out, from HR's value to the call.")
@click.argument("person")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--on", "day", metavar="DATE", help="As it was decided on this day (YYYY-MM-DD).")
@click.option("--names", is_flag=True, help="Show names, e-mail addresses and birth dates as well.")
@output_option
def command(
    person: str,
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    day: str | None,
    names: bool,
    output: str,
) -> None:
    """Explain why PERSON is in or not: raw value → rule → decision → call → answer.

    PERSON is our id (loket:…:…), or the id or personal number that the HR system shows.
    """
    from people_transforms.commands.store import find_store, last_run, look_at
    from people_transforms.safe_text import as_json

    found = find_store(connection or file, store)
    with look_at(found) as database:
        run = last_run(database, _checked_day(day))
        person_id = _hidden(database, found, person) or find_person(database, person)
        story = tell(database, person_id, run)
    if not names:
        story = _hide(story)
    if output == "json":
        click.echo(as_json(story))
    else:
        _show(story)


def _hidden(database: duckdb.DuckDBPyConnection, store: Store, text: str) -> str | None:
    """Find whom the store keeps under a pseudonym only; the id must be whole."""
    from people_transforms.privacy import out_of_scope, pseudonyms

    folder = store.paths.work.parent
    if not pseudonyms.has_key(folder):
        return None
    pseudonyms.use_key(database, pseudonyms.load_key(folder))
    return out_of_scope.find(database, text)


def find_person(database: duckdb.DuckDBPyConnection, text: str) -> str:
    """Find the person that an id or a number means.

    Raises ConfigError if it means nobody or several people.
    """
    from people_transforms.errors import ConfigError

    known = database.execute(
        """
        select distinct person_id from (
            select person_id from sync.plan
            union all select person_id from sync.ledger
            union all select person_id from people.people
        ) as known
        where person_id = $text or ends_with(person_id, ':' || $text)
        union
        select person_id from people.people where personal_number = $text
        order by 1 limit 20
        """,
        {"text": text.strip()},
    ).fetchall()
    found = [row[0] for row in known]
    if text.strip() in found:
        return text.strip()
    if not found:
        raise ConfigError("Nobody with this id or number was ever read.", person=text)
    if len(found) > 1:
        raise ConfigError("Several people fit; give one of their ids.", people=" ".join(found))
    return str(found[0])


def tell(database: duckdb.DuckDBPyConnection, person_id: str, run: str) -> dict[str, Any]:
    """Collect what every step of the path knew and decided about one person in one run."""
    source, employer_id, employee_id = (person_id.split(":", 2) + ["", ""])[:3]
    known = {"person": person_id, "run": run}
    return {
        "person_id": person_id,
        "run": _rows(
            database,
            "select run_id, as_of, outcome, vendor from sync.runs where run_id = $run",
            run=run,
        ),
        "raw": _raw(database, source, employer_id, employee_id, run),
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
    from people_transforms.statements import quoted_name

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


def _rows(database: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[dict[str, Any]]:
    bound = {name: value for name, value in values.items() if f"${name}" in sql}
    result = database.execute(sql, bound)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _hide(story: dict[str, Any]) -> dict[str, Any]:
    from people_transforms.privacy.masking import names_somebody, without_names

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


def _checked_day(text: str | None) -> str | None:
    from people_transforms.settings import parse_day

    if text is None:
        return None
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise click.BadParameter("use a day such as 2026-03-02", param_hint="--on") from None


def _show(story: dict[str, Any]) -> None:
    from people_transforms.safe_text import printable

    run = story["run"][0] if story["run"] else {}
    click.echo(printable(f"{story['person_id']} in run {run.get('run_id')} of {run.get('as_of')}"))
    for table, rows in story["raw"].items():
        _show_part(f"raw value in raw.{table}", rows)
    titles = {
        "findings": "rule: findings",
        "decision": "decision",
        "calls": "call and answer",
        "refusals": "refused by the platform",
        "accounts_now": "accounts now",
    }
    for part, title in titles.items():
        _show_part(title, story[part], none="none")


def _show_part(title: str, rows: Iterable[dict[str, Any]], none: str | None = None) -> None:
    from people_transforms.safe_text import printable

    rows = list(rows)
    click.echo(f"\n{title}")
    for row in rows:
        listed = ", ".join(
            f"{name}={printable(str(value))}"
            for name, value in row.items()
            if value is not None and value != []
        )
        click.echo(f"  {listed}")
    if not rows and none:
        click.echo(f"  {none}")
