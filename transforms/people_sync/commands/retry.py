"""`people-sync retry`: try changes again that the platform had refused."""

from __future__ import annotations

import json
from pathlib import Path

import click

from people_sync.commands.options import connection_options, output_option


@click.command("retry", short_help="Let the next run try again what was refused.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--person", help="Only this person's changes.")
@click.option("--cause", help="Only changes refused for this cause, as the report names it.")
@output_option
def command(
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    person: str | None,
    cause: str | None,
    output: str,
) -> None:
    """Let the next run try again what the platform refused, although nothing changed in HR."""
    from people_transforms.errors import ConfigError
    from people_transforms.store.warehouse import open_store

    from people_sync.commands.store import find_store

    found = find_store(connection or file, store)
    if not found.has_begun:
        raise ConfigError(
            "There is nothing to retry here yet; start with `people-sync run`.",
            store=found.paths.folder,
        )
    with open_store(found.paths) as database:
        rows = database.execute(
            "update sync.dead_letters set settled = true where not settled "
            "and ($person is null or person_id = $person) and ($cause is null or cause = $cause) "
            "returning person_id",
            {"person": person, "cause": cause},
        ).fetchall()
    if output == "json":
        click.echo(json.dumps({"released": len(rows), "people": sorted({row[0] for row in rows})}))
    elif rows:
        click.echo(f"The next run tries {len(rows)} refused changes again.")
    else:
        click.echo("No refused change fits; nothing is tried again.")
