"""`people-sync run`: one night of a connection, source and destination as two processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from people_transforms.safe_text import as_json

from people_sync.commands.options import connection_argument, output_option

if TYPE_CHECKING:
    from people_transforms.errors import SyncError

    from people_sync.connection.connection_file import ConnectionFile


@click.command("run", short_help="Read the HR system and let the platform follow.")
@connection_argument
@click.option("--full-refresh", is_flag=True, help="Read everything, ignore the kept state.")
@click.option("--verbose", "-v", is_flag=True, help="Show the source's log as well.")
@output_option
@click.pass_context
def command(
    context: click.Context, connection: Path, full_refresh: bool, verbose: bool, output: str
) -> None:
    """Read the HR system and bring the benefit platform in line with it.

    CONNECTION is a YAML file that names source, destination, their configurations and the state;
    default connection.yaml here.
    """
    from people_transforms.errors import SyncError

    from people_sync.connection.connection_file import read_connection_file
    from people_sync.connection.run_lock import run_lock
    from people_sync.running.relay import Relay

    began = datetime.now(UTC)
    file = read_connection_file(connection)
    with run_lock(file.state):
        try:
            is_quiet = output == "json"
            # `fleet --run` starts a run in a process that has the connectors imported.
            relay = Relay(file, full_refresh, verbose, is_quiet=is_quiet, warm=context.obj)
            ended = relay.run()
        except SyncError as error:
            tell_failure(file, error)
            raise

        from people_sync.running.summary import show, summarise

        summary = summarise(file, began, ended)
        _tell(file, summary)
    if output == "json":
        click.echo(as_json(summary))
    else:
        show(summary)
    context.exit(summary["exit_code"])


def _tell(file: ConnectionFile, summary: Mapping[str, Any]) -> None:
    """Tell a change of status; an alarm that fails is said here and changes nothing else."""
    from people_transforms.exit_codes import MISCONFIGURED

    from people_sync.connection.status_file import StatusFile, facts_of

    now, status = datetime.now(UTC), StatusFile(file)
    problems = [status.note_run(summary["status"], facts_of(summary), now)]
    # Where a setting is wrong the store may not even be found; the wrong setting was just told.
    has_store = summary["exit_code"] != MISCONFIGURED
    quiet = _silence(file) if file.alarms and has_store else None
    if quiet:
        problems.append(status.note_once("too_quiet", quiet["since"], quiet, now))
    problems.append(_send_letter(file, summary["run_id"]))
    for problem in filter(None, problems):
        click.echo(f"Warning: {problem}", err=True)


def _silence(file: ConnectionFile) -> dict[str, Any] | None:
    """Give the words and figures of a silence of this connection that is improbable."""
    from people_sync.commands.pulse import read_pulse
    from people_sync.commands.store import store_of

    return read_pulse(store_of(file.path)).quiet


def _send_letter(file: ConnectionFile, run_id: str | None) -> str | None:
    """Send HR the letter of this night, where it is asked for; gives what went wrong."""
    mail = file.alarms.email if file.alarms else None
    if mail is None or mail.report is None or run_id is None:
        return None
    from people_transforms.errors import SyncError
    from people_transforms.publishing.build_report import build_report
    from people_transforms.publishing.formats import report_language
    from people_transforms.publishing.words import load_words

    from people_sync.commands.store import look_at, store_of
    from people_sync.connection.connection_file import read_config
    from people_sync.mail.morning_mail import is_due, send_letter

    try:
        config = read_config(file.destination.config)
        language = report_language(config.get("report_language"), config.get("language"))
        with look_at(store_of(file.path)) as connection:
            report = build_report(connection, run_id, is_masked=not mail.with_names)
        if is_due(mail, report):
            send_letter(mail, report, load_words(language), file.folder)
    except SyncError as error:
        return f"The letter of the night could not be sent: {error}"
    return None


def tell_failure(file: ConnectionFile, error: SyncError) -> None:
    """Tell a run that could not even start, or that was killed."""
    from people_transforms.exit_codes import MISCONFIGURED

    from people_sync.cli import exit_code_of
    from people_sync.connection.status_file import StatusFile

    facts = {"text": str(error)}
    status = "misconfigured" if exit_code_of(error) == MISCONFIGURED else "failed"
    problem = StatusFile(file).note_run(status, facts, datetime.now(UTC))
    if problem:
        click.echo(f"Warning: {problem}", err=True)
