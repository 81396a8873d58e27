"""`people-sync check`: everything that a night needs, tried in seconds, before anybody is read.

The files are held against the specs first; only when they are right is a vendor asked. No person is
read: of the HR system only its rights and its employers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from people_sync.commands.options import connection_argument, output_option

if TYPE_CHECKING:
    from people_sync.connection.connection_file import ConnectionFile

FINE, LOOK, WRONG = "fine", "look", "wrong"
_SIGNS = {FINE: "ok", LOOK: "look", WRONG: "wrong"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried, how it is (`fine`, `look`, `wrong`), and what to do about it."""

    about: str
    state: str
    text: str


@click.command("check", short_help="Try all that a night needs, and say what to change.")
@connection_argument
@click.option("--tell", is_flag=True, help="Send a test to the alarm addresses as well.")
@output_option
@click.pass_context
def command(context: click.Context, connection: Path, tell: bool, output: str) -> None:
    """Try everything that a night of CONNECTION needs and say what to change. Reads nobody."""
    from people_transforms.safe_text import as_json, printable

    from people_sync.connection.connection_file import read_connection_file

    file = read_connection_file(connection)
    findings = check_connection(file, tell=tell)
    is_fine = not any(finding.state == WRONG for finding in findings)
    is_first = not any(finding.about == "last run" for finding in findings)
    following = _next(connection, is_fine, is_first)
    if output == "json":
        checks = [{"about": f.about, "state": f.state, "text": f.text} for f in findings]
        click.echo(as_json({"fine": is_fine, "checks": checks, "next": following}))
    else:
        for finding in findings:
            click.echo(printable(f"{_SIGNS[finding.state]:<6}{finding.about}: {finding.text}"))
        click.echo(following)
    context.exit(0 if is_fine else 2)


def check_connection(file: ConnectionFile, *, tell: bool = False) -> list[Finding]:
    """Check the files; where they are right, both ends side by side, the store and the alarms."""
    from concurrent.futures import ThreadPoolExecutor

    from people_sync.commands import check_ends, check_here
    from people_sync.commands.quick_check import wrong_connection

    wrong = wrong_connection(file)
    if wrong:
        return [Finding("settings", WRONG, sentence) for sentence in wrong]
    settings = f"{file.path.name}, {file.source.config.name} and {file.destination.config.name}"
    found = [Finding("settings", FINE, f"{settings} can be used.")]
    with ThreadPoolExecutor(2) as pool:
        source = pool.submit(check_ends.check_source, file)
        destination = pool.submit(check_ends.check_destination, file)
        found += [*source.result(), *destination.result()]
    return [*found, *check_here.check_store(file), *check_here.check_alarms(file, tell=tell)]


def _next(connection: Path, is_fine: bool, is_first: bool) -> str:
    name = "" if connection.name == "connection.yaml" else f" {connection}"
    if is_fine and is_first:
        return f"Next: people-sync run{name} (the first run only plans; it sends nothing)."
    if is_fine:
        return f"Next: people-sync run{name}"
    return f"Next: change what is wrong, then people-sync check{name} again."
