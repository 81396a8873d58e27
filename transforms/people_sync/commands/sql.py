"""`people-sync sql`: ready questions to the staging file, and the way to ask your own."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from people_transforms.safe_text import as_csv, as_json, printable

from people_sync.commands.options import connection_options

if TYPE_CHECKING:
    from people_sync.commands.store import Store


@click.command("sql", short_help="Ready questions to the staging file.")
@click.argument("name", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--show", is_flag=True, help="Print the query instead of running it.")
@click.option("--open", "opens", is_flag=True, help="Print how to open the staging file yourself.")
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write one page per table, from its comments, into this folder.",
)
@click.option(
    "--where",
    "filters",
    multiple=True,
    metavar="COLUMN=TEXT",
    help="Only rows whose column contains the text, such as name=novak; may be repeated.",
)
@click.option(
    "--language", "--lang", type=click.Choice(["nl", "cs", "en"]), default="en", show_default=True
)
@click.option("--output", type=click.Choice(["text", "json", "csv"]), default="text")
def command(
    name: str | None,
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    show: bool,
    opens: bool,
    pages: Path | None,
    filters: tuple[str, ...],
    language: str,
    output: str,
) -> None:
    """Ask the staging file the ready question NAME; without a name, list them."""
    from people_sync.queries import find_query, list_queries

    if show and not name:
        raise click.UsageError("--show needs the name of a query.")
    if filters and not name:
        raise click.UsageError("--where needs the name of a query.")
    if name and show:
        click.echo(find_query(name, language).sql)
        return
    if not (name or opens or pages):
        if output == "json":
            listed = [{"name": query.name, "title": query.title} for query in list_queries()]
            click.echo(json.dumps(listed))
            return
        for listed_query in list_queries():
            click.echo(f"{listed_query.name:<16} {listed_query.title}")
        return
    query = find_query(name, language) if name else None
    from people_sync.commands.store import find_store

    found = find_store(connection or file, store)
    if opens:
        _open(found, output)
    if pages:
        _write_pages(found, pages, output)
    if query:
        _ask(found, query.sql, filters, output)


def _ask(store: Store, sql: str, filters: tuple[str, ...], output: str) -> None:
    from people_transforms.errors import ConfigError
    from people_transforms.publishing.plain_views import has_plain_views

    from people_sync.commands.store import look_at
    from people_sync.queries import filtered

    with look_at(store) as connection:
        if "report." in sql and not has_plain_views(connection):
            raise ConfigError(
                "This question needs what the next run publishes: the staging file is of an earlier "
                "release."
            )
        known = [column[0] for column in connection.execute(sql).description or []]
        narrowed, values = filtered(sql, known, filters)
        result = connection.execute(narrowed, values)
        columns = [column[0] for column in result.description or []]
        rows = result.fetchall()
    if output == "json":
        listed = [dict(zip(columns, row, strict=True)) for row in rows]
        click.echo(as_json(listed))
    elif output == "csv":
        click.echo(as_csv(columns, rows), nl=False)
    else:
        _print_table(columns, rows)


def _print_table(columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else printable(str(value))) for value in row))
    Console().print(table if rows else "Nothing.")


def _open(store: Store, output: str) -> None:
    lake = store.paths.lake
    if lake is not None and not store.paths.publishes_file:
        from people_transforms.store.lake.attach import open_command

        line = open_command(lake)
        click.echo(json.dumps({"lake": line}) if output == "json" else f"lake    {line}")
        return
    path = str(store.paths.staging)
    commands = {
        "shell": f"duckdb -readonly {shlex.quote(path)}",
        "ui": f"duckdb -readonly -ui {shlex.quote(path)}",
        "python": f"python -c 'import duckdb; "
        f'print(duckdb.connect({json.dumps(path)}, read_only=True).sql("show all tables"))\'',
    }
    if output == "json":
        click.echo(json.dumps(commands))
        return
    for title, line in commands.items():
        click.echo(f"{title:<7} {line}")
    click.echo("The file is replaced after each run: disconnect and connect again to see the next.")


def _write_pages(store: Store, folder: Path, output: str) -> None:
    from people_sync.commands.store import look_at
    from people_sync.table_pages import write_pages

    with look_at(store) as connection:
        written = write_pages(connection, folder)
    if output == "json":
        click.echo(json.dumps([str(path) for path in written]))
    else:
        click.echo(f"{len(written)} pages, beginning with {folder / 'README.md'}")
