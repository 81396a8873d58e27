"""`people-sync plan`: the latest plan as a table, without personal data unless asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_transforms.commands.options import connection_options, output_option

if TYPE_CHECKING:
    import duckdb

_COLUMNS = (
    "person_id, account_key, employer_id, operation, leaving_kind, reason, changes, hold, "
    "hold_reason, outcome, risk, starts_on, ends_on, moves_from, row_hash"
)


@click.command("plan")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--run", "run_id", help="Plan of this run; default the latest.")
@click.option("--names", is_flag=True, help="Show names and values as well.")
@click.option("--all", "everything", is_flag=True, help="Also people for whom nothing is done.")
@output_option
def command(
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    run_id: str | None,
    names: bool,
    everything: bool,
    output: str,
) -> None:
    """Show the latest plan: who joins, changes or leaves which account, and why."""
    from people_transforms.commands.store import find_store, last_run, look_at
    from people_transforms.safe_text import as_json

    found = find_store(connection or file, store)
    with look_at(found) as database:
        run = run_id or last_run(database)
        answer = {"run_id": run, **_facts(database, run), "rows": _rows(database, run, everything)}
        if names:
            _add_names(database, answer["rows"])
    if not names:
        for row in answer["rows"]:
            row["changes"] = sorted(row["changes"])
    if output == "json":
        click.echo(as_json(answer))
    else:
        _show(answer, names)


def _facts(database: duckdb.DuckDBPyConnection, run: str) -> dict[str, Any]:
    from people_transforms.errors import ConfigError

    row = database.execute(
        "select plan_hash, as_of, outcome, vendor from sync.runs where run_id = ?", [run]
    ).fetchone()
    if row is None:
        raise ConfigError("The store knows no such run.", run_id=run)
    counts = database.execute(
        "select operation, count(*) from sync.plan where run_id = ? and operation <> 'none' "
        "group by all order by all",
        [run],
    ).fetchall()
    return {
        "plan_hash": row[0],
        "as_of": row[1],
        "outcome": row[2],
        "vendor": row[3],
        "counts": dict(counts),
    }


def _rows(database: duckdb.DuckDBPyConnection, run: str, everything: bool) -> list[dict[str, Any]]:
    rows = database.execute(
        f"select {_COLUMNS} from sync.plan where run_id = $run "  # noqa: S608
        "and ($everything or operation <> 'none') "
        "order by operation, employer_id, person_id, account_key",
        {"run": run, "everything": everything},
    )
    names = [column[0] for column in rows.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    for row in found:
        row["changes"] = json.loads(row["changes"] or "{}")
    return found


def _add_names(database: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    names = dict(
        database.execute(
            "select person_id, concat_ws(' ', first_name, prefix, last_name) from people.people"
        ).fetchall()
    )
    for row in rows:
        row["name"] = names.get(row["person_id"])


def _show(answer: dict[str, Any], names: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from people_transforms.safe_text import printable

    console = Console()
    console.print(
        f"Plan {answer['plan_hash']} of {answer['as_of']} (run {answer['run_id']})", highlight=False
    )
    table = Table(box=None, padding=(0, 1))
    shown = ["person", *(["name"] if names else []), "account", "operation", "why", "fields"]
    for title in [*shown, "state"]:
        table.add_column(title, overflow="fold")
    for row in answer["rows"]:
        cells = [
            row["person_id"],
            *([row.get("name") or ""] if names else []),
            row["account_key"],
            row["operation"],
            row["leaving_kind"] or row["reason"] or "",
            _changes(row["changes"]),
            row["outcome"] or (f"held: {row['hold']}" if row["hold"] else ""),
        ]
        table.add_row(*(Text(printable(str(cell))) for cell in cells))
    if answer["rows"]:
        console.print(table)
    listed = ", ".join(f"{count} {name}" for name, count in answer["counts"].items())
    console.print(listed or "Nothing to do.", highlight=False)


def _changes(changes: Any) -> str:
    if isinstance(changes, dict):
        return "; ".join(f"{name}: {pair[0]} → {pair[1]}" for name, pair in changes.items())
    return ", ".join(changes)
