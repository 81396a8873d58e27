"""`people-sync undo`: plan the inverse of what a run delivered."""

from __future__ import annotations

import json
from pathlib import Path

import click

from people_transforms.commands.options import connection_options, output_option


@click.command("undo")
@click.argument("run_id", metavar="RUN")
@connection_options
@output_option
def command(run_id: str, connection: Path | None, store: Path | None, output: str) -> None:
    """Let the next run undo what RUN delivered; it passes the same brakes and approvals.

    A person stays as undone until the HR system says something new. Invitations can't be undone.
    """
    from people_transforms.commands.store import find_store
    from people_transforms.planning.reversal import request
    from people_transforms.warehouse import open_store

    found = find_store(connection, store)
    with open_store(found.paths) as database:
        counts = request(database, run_id)
    if output == "json":
        click.echo(json.dumps({"run": run_id, "undone": counts}))
        return
    listed = ", ".join(f"{count} {operation}" for operation, count in sorted(counts.items()))
    click.echo(f"The next run undoes {listed} of {run_id}.")
