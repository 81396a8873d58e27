"""`people-sync watch`: the dead man's switch. Run it from another timer than the run itself."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click
from people_transforms.exit_codes import DONE, FAILED

from people_sync.commands.options import output_option

if TYPE_CHECKING:
    from people_sync.commands.pulse import Pulse


@click.command("watch", short_help="Call the alarms when no run was done by HH:MM.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--connection",
    "-c",
    default="connection.yaml",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Connection file.",
)
@click.option("--by", required=True, metavar="HH:MM", help="A run must be done by then, every day.")
@click.option("--timezone", help="Zone of --by; default the destination's `timezone`.")
@output_option
@click.pass_context
def command(
    context: click.Context,
    file: Path | None,
    connection: Path,
    by: str,
    timezone: str | None,
    output: str,
) -> None:
    """Exit with 1 and call the alarms of the connection FILE when no run was done by HH:MM.

    A run that is held counts as done: it was told when it happened.
    """
    from people_sync.commands.pulse import read_pulse
    from people_sync.commands.store import store_of
    from people_sync.connection.connection_file import read_config, read_connection_file
    from people_sync.connection.status_file import IS_FAILED, StatusFile, kind_of

    now = dt.datetime.now(dt.UTC)
    read = read_connection_file(file or connection)
    zone = parse_zone(timezone or read_config(read.destination.config).get("timezone"))
    deadline = latest_deadline(parse_time(by), zone, now)
    status = StatusFile(read)
    pulse = read_pulse(store_of(read.path))
    last = pulse.last_run
    is_missed = last is None or last <= deadline - dt.timedelta(days=1)
    known = status.known.get("status", "in_order")
    has_failed = kind_of(known) == IS_FAILED
    said = {
        "last_run": last.isoformat(timespec="seconds") if last else None,
        "deadline": deadline.isoformat(timespec="minutes"),
        "missed": is_missed,
        "failed": has_failed,
        "status": known,
        "too_quiet": pulse.quiet,
        "text": _text(is_missed, has_failed, pulse, deadline),
    }
    problem = None
    if is_missed:
        facts = {"text": said["text"], "last_run": said["last_run"], "deadline": said["deadline"]}
        problem = status.note_once("no_run", deadline.isoformat(), facts, now)
    if output == "json":
        click.echo(json.dumps({**said, "alarm_problem": problem}, default=str))
    else:
        click.echo(said["text"])
        if pulse.quiet:
            click.echo(pulse.quiet["text"])
        if problem:
            click.echo(f"Error: {problem}", err=True)
    context.exit(FAILED if is_missed or has_failed else DONE)


def parse_time(text: str) -> dt.time:
    """Read HH:MM."""
    try:
        return dt.datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise click.BadParameter(
            "use hours and minutes, such as 06:30", param_hint="--by"
        ) from None


def parse_zone(name: object) -> zoneinfo.ZoneInfo:
    """Find a time zone by its name."""
    from people_transforms.settings import Settings

    usual = str(Settings.model_fields["timezone"].default)
    try:
        return zoneinfo.ZoneInfo(str(name or usual))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(
            "is not a time zone; use a name like Europe/Amsterdam", param_hint="--timezone"
        ) from None


def latest_deadline(by: dt.time, zone: dt.tzinfo, now: dt.datetime) -> dt.datetime:
    """Give the deadline that has passed last: today's, or yesterday's before the time of day."""
    local = now.astimezone(zone)
    today = dt.datetime.combine(local.date(), by, zone)
    return today if today <= local else today - dt.timedelta(days=1)


def _text(is_missed: bool, has_failed: bool, pulse: Pulse, deadline: dt.datetime) -> str:
    seen = f"{pulse.last_run:%Y-%m-%d %H:%M} UTC" if pulse.last_run else "never"
    if pulse.trouble:
        return (
            f"Nobody knows whether a run was done by {deadline:%Y-%m-%d %H:%M %Z}: {pulse.trouble}"
        )
    if is_missed:
        return (
            f"No run was done by {deadline:%Y-%m-%d %H:%M %Z}; the last one: {seen}. "
            "Start `people-sync run` and look at its timer."
        )
    if has_failed:
        return f"The latest run failed; the last one that was done: {seen}."
    return f"A run was done in time: {seen}."
