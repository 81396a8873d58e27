"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]

output_option: Callable[[Command], Command] = click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people or one JSON object for programs.",
)


connection_argument: Callable[[Command], Command] = click.argument(
    "connection", default="connection.yaml", type=click.Path(path_type=Path, dir_okay=False)
)


def connection_options(command: Command) -> Command:
    """Say which store a command looks at: a connection file, or the folder of a store."""
    command = click.option(
        "--store",
        type=click.Path(path_type=Path),
        help="Folder of the staging store, where there is no connection file.",
    )(command)
    return click.option(
        "--connection",
        "-c",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Connection file; default connection.yaml here, or the only store here.",
    )(command)


records_option = click.option(
    "--records",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".people-sync/desk"),
    show_default=True,
    help="Folder where the desk keeps links, sessions, decisions and the audit table.",
)
