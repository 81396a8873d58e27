"""`people-sync run`: one night of a connection, source and destination as two processes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from people_transforms.commands.options import output_option


@click.command("run")
@click.argument("connection", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--full-refresh", is_flag=True, help="Read everything, ignore the kept state.")
@click.option("--verbose", "-v", is_flag=True, help="Show the source's log as well.")
@output_option
@click.pass_context
def command(
    context: click.Context, connection: Path, full_refresh: bool, verbose: bool, output: str
) -> None:
    """Read the HR system and bring the benefit platform in line with it.

    CONNECTION is a YAML file that names source, destination, their configurations and the state.
    """
    from people_transforms.commands.connection_file import read_connection_file
    from people_transforms.commands.relay import Relay
    from people_transforms.commands.run_lock import run_lock

    began = datetime.now(UTC)
    file = read_connection_file(connection)
    with run_lock(file.state):
        ended = Relay(file, full_refresh, verbose, is_quiet=output == "json").run()

    from people_transforms.commands.summary import show, summarise

    summary = summarise(file, began, ended)
    if output == "json":
        click.echo(json.dumps(summary, ensure_ascii=False, default=str))
    else:
        show(summary)
    context.exit(ended.exit_code)
