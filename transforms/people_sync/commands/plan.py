"""`people-sync plan`: the latest plan as a table, without personal data unless asked for."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_sync.commands.options import connection_options, output_option

if TYPE_CHECKING:
    import duckdb

_COLUMNS = (
    "person_id, account_key, employer_id, operation, leaving_kind, reason, changes, hold, "
    "hold_reason, outcome, risk, starts_on, ends_on, moves_from, row_hash"
)


@click.command("plan", short_help="Who joins, changes or leaves, and why.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--run", "run_id", help="Plan of this run; default the latest.")
@click.option("--names", is_flag=True, help="Show names and values as well.")
@click.option("--all", "everything", is_flag=True, help="Also people for whom nothing is done.")
@click.option(
    "--language",
    "--lang",
    type=click.Choice(["nl", "cs", "en"]),
    default="en",
    help="Of what an approval costs people.",
)
@output_option
def command(
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    run_id: str | None,
    names: bool,
    everything: bool,
    language: str,
    output: str,
) -> None:
    """Show the latest plan: who joins, changes or leaves which account, and why."""
    from people_transforms.publishing.consequences import read_consequences, say_consequences
    from people_transforms.publishing.words import load_words
    from people_transforms.safe_text import as_json

    from people_sync.commands.store import find_store, last_run, look_at

    words = load_words(language)
    found = find_store(connection or file, store)
    with look_at(found) as database:
        run = run_id or last_run(database)
        answer = {"run_id": run, **_facts(database, run), "rows": _rows(database, run, everything)}
        costs = say_consequences(
            read_consequences(database, answer["plan_hash"]), answer["vendor"], words
        )
        answer["consequences"] = [words.say("after_yes", what=cost) for cost in costs]
        if names:
            _add_names(database, answer["rows"])
    if not names:
        for row in answer["rows"]:
            row["changes"] = sorted(row["changes"])
    if output == "json":
        click.echo(as_json(answer))
    else:
        _show(answer, names)
        _show_approval(answer, f"{words['who']}: {found.report}", found.arguments, names)


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
    """Print the plan as groups of what happens to people, each with a line per person and why."""
    from people_transforms.safe_text import printable

    click.echo(f"Plan {answer['plan_hash']} of {answer['as_of']} for {answer['vendor']}")
    for title, rows in _groups(answer["rows"]):
        click.echo(f"\n{title}: {len(rows)}")
        for row in rows:
            who = (row.get("name") if names else None) or row["person_id"]
            sign = _SIGNS.get(row["operation"], " ")
            why = row["leaving_kind"] or row["reason"] or ""
            said = [part for part in (why, _changes(row["changes"])) if part]
            click.echo(f"  {sign} {printable(str(who))} at {printable(row['account_key'])}")
            if said:
                click.echo(f"      {printable(': '.join(said))}")
    listed = ", ".join(f"{count} {name}" for name, count in answer["counts"].items())
    click.echo(f"\n{listed}." if listed else "\nNothing to do.")


def _show_approval(answer: dict[str, Any], names_are: str, where: str, names: bool) -> None:
    """Say what a yes means for people, where their names are, and how to give it."""
    from people_transforms.safe_text import printable

    held = sum(map(_is_held, answer["rows"]))
    if not held:
        return
    click.echo(f"{held} of them are held. To release what an approval can release:")
    click.echo(f"  people-sync approve {answer['plan_hash']}")
    for cost in answer["consequences"]:
        click.echo(textwrap.fill(cost, 78, initial_indent="  ", subsequent_indent="    "))
    if not names:
        click.echo(f"  {printable(names_are)}")
        click.echo(f"  people-sync plan --names {where}")


def _groups(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Put together what becomes of people: sent, to be sent, or held and by what."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["operation"] == "none":
            title = "Nothing is done"
        elif _is_held(row):
            title = f"{row['operation'].capitalize()}, held ({row['hold']})"
        elif row["outcome"]:
            title = f"{row['operation'].capitalize()}, {row['outcome']}"
        else:
            title = f"{row['operation'].capitalize()}, to be sent"
        found.setdefault(title, []).append(row)
    return list(found.items())


def _is_held(row: dict[str, Any]) -> bool:
    return bool(row["hold"]) and row["outcome"] in (None, "held")


_SIGNS = {
    "create": "+",
    "adopt": "+",
    "reactivate": "+",
    "update": "~",
    "deactivate": "-",
    "invite": "@",
}


def _changes(changes: Any) -> str:
    if isinstance(changes, dict):
        return "; ".join(f"{name}: {pair[0]} → {pair[1]}" for name, pair in changes.items())
    return ", ".join(changes)
