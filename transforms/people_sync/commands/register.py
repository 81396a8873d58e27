"""`people-sync register`: the record of processing (GDPR, article 30), from the models' own files."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_sync.commands.options import output_option

if TYPE_CHECKING:
    from people_sync.register import Register

TO_BE_FILLED_IN = "to be filled in: the employer (add `--controller NAME`)"


@click.command("register", short_help="The record of processing (GDPR, article 30).")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--connection",
    "-c",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Connection file that names the pair; default connection.yaml here, if there is one.",
)
@click.option("--source", help="HR system, for example loket; default that of the connection.")
@click.option("--vendor", help="Benefit platform, for example alleo; default the source's usual.")
@click.option("--controller", help="Who decides about the data: the employer's name.")
@output_option
def command(
    file: Path | None,
    connection: Path | None,
    source: str | None,
    vendor: str | None,
    controller: str | None,
    output: str,
) -> None:
    """Print the record of processing: each stored field with its purpose and who asked for it."""
    from people_sync.register import build_register, usual_pair

    if not (source or vendor):
        source, vendor = _pair_of_connection(connection or file)
    register = build_register(*usual_pair(source, vendor), controller)
    if output == "json":
        click.echo(json.dumps(_as_object(register), ensure_ascii=False))
    else:
        _show(register)


def _pair_of_connection(path: Path | None) -> tuple[str | None, str | None]:
    from people_sync.commands.store import USUAL_NAMES
    from people_sync.connection.connection_file import read_config, read_connection_file

    path = path or next((Path(name) for name in USUAL_NAMES if Path(name).is_file()), None)
    if path is None:
        return None, None
    file = read_connection_file(path)
    source = read_config(file.destination.config).get("source_system")
    return (
        source or Path(file.source.name).name.removeprefix("source-"),
        Path(file.destination.name).name.removeprefix("destination-"),
    )


def _as_object(register: Register) -> dict[str, Any]:
    return {
        "source": register.source_system,
        "vendor": register.vendor,
        "controller": register.controller,
        "purpose": register.purpose,
        "purposes": register.purposes,
        "categories_of_people": register.people,
        "categories_of_data": register.kinds,
        "recipients": [
            {"name": register.recipient, "fields": register.sent, "by_hand": register.by_hand}
        ],
        "transfers": register.transfers,
        "kept": register.kept,
        "security": register.security,
        "lists": register.lists,
        "fields": [
            {
                "table": field.table,
                "column": field.column,
                "data": field.purpose.data,
                "purpose": field.purpose.purpose,
                "asked_by": field.purpose.asked_by,
            }
            for field in register.fields
        ],
    }


def _show(register: Register) -> None:
    click.echo(
        "Record of processing (GDPR, article 30): "
        f"{register.source_system} → {register.vendor}, schemas raw, mart and sync"
    )
    by_hand = [f"By hand, as a file: {table}" for table in register.by_hand]
    for title, lines in {
        "Controller": [register.controller or TO_BE_FILLED_IN],
        "Purpose": [register.purpose],
        "What for, field by field": register.purposes,
        "People": register.people,
        "Kinds of data": [f"{kind}: {words}" for kind, words in register.kinds.items()],
        "Recipients": [f"{register.recipient}: {', '.join(register.sent)}", *by_hand],
        "Transfers": [register.transfers],
        "How long": [f"{schema}: {words}" for schema, words in register.kept.items()],
        "Security": register.security,
        "Who asked for a field": [f"{name}: {what}" for name, what in register.lists.items()],
    }.items():
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  {line}")
    for table, fields in groupby(register.fields, key=lambda field: field.table):
        click.echo(f"\n{table}")
        for field in fields:
            why = field.purpose
            asked_by = ", ".join(why.asked_by)
            click.echo(f"  {field.column:<28} {why.data:<11} {why.purpose} [{asked_by}]")
