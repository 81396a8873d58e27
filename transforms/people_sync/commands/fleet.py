"""`people-sync fleet`: the nights of many connections, or every connection of a lake in one table."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from people_transforms.exit_codes import DONE, FAILED, HELD, MISCONFIGURED
from people_transforms.safe_text import as_json, printable
from people_transforms.status import EXIT_CODES

from people_sync.commands.options import output_option

if TYPE_CHECKING:
    from people_transforms.store.lake.place import LakePlace


@click.command(
    "fleet", short_help="All connections: their nights in one go, or a lake in one table."
)
@click.argument("where", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--run", "is_run", is_flag=True, help="Run the connections of WHERE.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="How many run at a time; by default as many as there are processors.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration of any destination of the lake to show.",
)
@click.option(
    "--tidy",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="First remove what was deleted or replaced longer ago, and with it the time travel to then.",
)
@output_option
@click.pass_context
def command(
    context: click.Context,
    where: tuple[Path, ...],
    is_run: bool,
    workers: int | None,
    config: Path | None,
    tidy: int | None,
    output: str,
) -> None:
    """Run many connections, or show all connections of a lake.

    With --run: each connection.yaml and *.connection.yaml in the folders of WHERE (default: here) has its
    night, as by `people-sync run`, some at a time. One that fails touches no other. Exits with the worst
    of their exit codes: 1 before 2 before 3 before 4.

    With --config: last good run, last run, what is held, findings, people. Exits with 1 when the last
    night of a connection failed or was cut off, else with 3 when one is held.
    """
    if is_run:
        if config is not None or tidy is not None:
            raise click.UsageError("--config and --tidy show a lake; --run takes neither.")
        from people_sync.commands.fleet_run import run_all

        context.exit(run_all(where or (Path(),), workers, is_json=output == "json"))
    if config is None:
        raise click.UsageError("Say --run, or --config with a destination of the lake to show.")
    if where or workers:
        raise click.UsageError("WHERE and --workers belong to --run.")
    context.exit(_show_lake(config, tidy, output))


def _show_lake(config: Path, tidy: int | None, output: str) -> int:
    from people_transforms.store.lake.connections import overview

    place = _place(config)
    removed = None if tidy is None else _tidy(place, tidy)
    rows = overview(place)
    if output == "json":
        facts = {} if removed is None else {"files_removed": removed}
        click.echo(
            as_json({"connections": rows, "states": Counter(row["state"] for row in rows), **facts})
        )
    else:
        if removed is not None:
            click.echo(f"{removed} files were removed.")
        _show(rows)
    return _exit_code(rows)


def _place(config: Path) -> LakePlace:
    from people_transforms.errors import ConfigError
    from people_transforms.store.lake.place import lake_place

    from people_sync.commands.store import read_warehouse
    from people_sync.connection.connection_file import read_config

    warehouse = read_warehouse(read_config(config), config)
    if warehouse.type == "file":
        raise ConfigError(
            "This configuration has no lake: `people-sync fleet` needs `warehouse.type` ducklake.",
            path=config,
        )
    # Which of the connections it is doesn't matter here.
    anybody = warehouse.model_copy(update={"connection_id": warehouse.connection_id or "-"})
    return lake_place(anybody, "", {}, Path.cwd())


def _tidy(place: LakePlace, days: int) -> int:
    from people_transforms.store.lake.upkeep import tidy

    return tidy(place, dt.datetime.now(dt.UTC) - dt.timedelta(days=days))


def _exit_code(rows: list[dict[str, Any]]) -> int:
    codes = {EXIT_CODES.get(row["state"], FAILED) for row in rows if row["state"] != "never ran"}
    if codes & {FAILED, MISCONFIGURED}:
        return FAILED
    return HELD if HELD in codes else DONE


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for title in (
        "connection",
        "vendor",
        "last run",
        "state",
        "why",
        "last good run",
        "findings",
        "people",
    ):
        table.add_column(title, overflow="fold")
    for row in rows:
        held = [f"{count} {kind}" for kind, count in row["held"].items()]
        cells = [
            row["connection_id"],
            row["vendor"] or "",
            _when(row["last_run_at"]),
            row["state"],
            ", ".join(held or row["causes"]),
            _when(row["last_good_at"]),
            str(row["findings"]),
            _people(row["people"], row["people_trend"]),
        ]
        table.add_row(*(Text(printable(cell)) for cell in cells))
    listed = ", ".join(
        f"{count} {state}" for state, count in Counter(row["state"] for row in rows).items()
    )
    console = Console()
    if rows:
        console.print(table)
    console.print(listed or "No connection has used this lake yet.", highlight=False)


def _when(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _people(count: int | None, trend: int | None) -> str:
    if count is None:
        return ""
    return f"{count} ({trend:+})" if trend else str(count)
