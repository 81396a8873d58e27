"""`people-sync status`: how the last night was, what waits, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from people_sync.commands.options import connection_options, output_option

_TOLD = ("headline", "run_id", "plan_hash", "counts", "held", "report", "staging")


@click.command("status", short_help="The last night in a few lines, and what waits.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@output_option
@click.pass_context
def command(
    context: click.Context,
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    output: str,
) -> None:
    """Show the last night of a connection in a few lines; exits as that night did."""
    from people_transforms.exit_codes import DONE
    from people_transforms.safe_text import as_json
    from people_transforms.status import EXIT_CODES

    from people_sync.commands.store import find_store

    found = find_store(connection or file, store)
    status = _with_later_failure(read_status(found), found)
    if output == "json":
        click.echo(as_json(status))
    else:
        _show(status)
    context.exit(EXIT_CODES[status["status"]] if status["status"] else DONE)


def read_status(found: Any) -> dict[str, Any]:
    """Read the latest run of a store and what waits for an approval."""
    from people_transforms.errors import ConfigError
    from people_transforms.publishing.build_report import build_report
    from people_transforms.publishing.end import end_of
    from people_transforms.status import known_status

    from people_sync.commands.store import look_at
    from people_sync.running.summary import approve_command

    status: dict[str, Any] = {"status": None, "ended_at": None, "headline": None, "held": []}
    try:
        with look_at(found) as database:
            row = database.execute(
                "select run_id, status, outcome, finished_at, message from sync.runs "
                "order by run_id desc limit 1"
            ).fetchone()
            if row is None:
                return status
            status |= {
                "run_id": row[0],
                "status": known_status(row[1], row[2]),
                "ended_at": row[3],
                "message": row[4],
            }
            report = build_report(database, row[0], is_masked=True, most_rows=0)
    except ConfigError as error:
        return status | {"headline": str(error)}
    told = end_of(report, found.report, found.paths.published)
    status |= {name: told[name] for name in _TOLD}
    return status | {"approve": approve_command(told, found.arguments)}


def _with_later_failure(status: dict[str, Any], found: Any) -> dict[str, Any]:
    """Put a run first that failed after the recorded one and could not write into the store itself."""
    from people_sync.connection.connection_file import read_connection_file
    from people_sync.connection.status_file import later_failure

    if found.connection is None:
        return status
    recorded = status["status"]
    file = read_connection_file(found.connection)
    failure = later_failure(file, recorded, status["ended_at"])
    if failure is None:
        return status
    before = f" Before it: {status['headline']}" if recorded else ""
    said = (
        f"The latest run failed and left no record of itself: see its log, and run again.{before}"
    )
    return status | {"status": failure[0], "ended_at": failure[1], "headline": said}


def _show(status: dict[str, Any]) -> None:
    from people_transforms.safe_text import printable

    ended = status["ended_at"]
    if status["status"] is None:
        click.echo(printable(status["headline"] or "No run yet: people-sync run"))
        return
    when = f"{ended:%Y-%m-%d %H:%M} UTC" if ended else "cut off"
    click.echo(printable(f"{when}  {status['headline'] or status['status']}"))
    for group in status["held"]:
        said = printable(f"{group['rows']} × {group['operation']}: {group['why']}")
        click.echo(f"  held:    {said}")
    if status.get("approve"):
        click.echo(f"  look:    people-sync plan\n  approve: {status['approve']}")
    if status.get("report"):
        click.echo(f"  report:  {printable(status['report'])}")
