"""`people-sync undo`: plan the inverse of what a run delivered, after showing what that is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from people_sync.commands.options import connection_options, output_option

# What becomes of an account when the delivery of a kind is undone.
_BACK = {
    "create": "is ended",
    "adopt": "is ended",
    "reactivate": "is ended again",
    "update": "gets its former values",
    "deactivate": "comes back",
}


@click.command("undo", short_help="Let the next run take back what a run delivered.")
@click.argument("run_id", metavar="RUN")
@connection_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@output_option
def command(
    run_id: str, connection: Path | None, store: Path | None, yes: bool, output: str
) -> None:
    """Let the next run undo what RUN delivered; it passes the same brakes and approvals.

    Shows the list and asks. A person stays as undone until the HR system says something new.
    Invitations can't be undone.
    """
    from people_transforms.planning.reversal import deliveries, request
    from people_transforms.store.warehouse import open_store

    from people_sync.commands.store import find_store

    found = find_store(connection, store)
    with open_store(found.paths) as database:
        rows = deliveries(database, run_id)
        if rows and not yes:
            _ask(rows)
        counts = request(database, run_id)
    if output == "json":
        click.echo(json.dumps({"run": run_id, "undone": counts}))
        return
    listed = ", ".join(f"{count} {operation}" for operation, count in sorted(counts.items()))
    click.echo(f"The next run undoes {listed} of {run_id}.")


def _ask(rows: Sequence[Mapping[str, str]]) -> None:
    """Show who would be changed back, on the side where no program reads, and ask."""
    from people_transforms.safe_text import printable

    for row in rows:
        back = _BACK.get(row["operation"], "is changed back")
        said = printable(f"{row['person_id']} at {row['account_key']}: {row['operation']}, {back}")
        click.echo(f"  {said}", err=True)
    click.confirm(f"Undo these {len(rows)}?", abort=True, err=True)
