"""`people-sync approve`: release one plan by its hash."""

from __future__ import annotations

import getpass
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from people_transforms.safe_text import as_json, printable

from people_sync.commands.options import connection_options, output_option

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@click.command("approve", short_help="Release a plan by its hash.")
@click.argument("plan_hash", metavar="HASH")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--by", help="Who approves; default the user who is logged in.")
@click.option("--expires-in", default="7d", show_default=True, help="12h, 7d, 2w …")
@output_option
def command(
    plan_hash: str,
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    by: str | None,
    expires_in: str,
    output: str,
) -> None:
    """Release the plan with this HASH: the next run delivers the rows that are still the same."""
    from people_transforms.errors import ConfigError
    from people_transforms.planning.approvals import approve, vendor_of
    from people_transforms.publishing.consequences import read_consequences, say_consequences
    from people_transforms.publishing.words import load_words
    from people_transforms.store.warehouse import open_store

    from people_sync.commands.store import find_store

    now = datetime.now(UTC)
    expires_at = now + parse_duration(expires_in)
    name = by or _user()
    found = find_store(connection or file, store)
    if not found.has_begun:
        raise ConfigError(
            "There is no plan to approve here yet; start with `people-sync run`.",
            store=found.paths.folder,
        )
    with open_store(found.paths) as database:
        counts = approve(database, plan_hash.strip(), name, now, expires_at)
        costs = read_consequences(database, plan_hash.strip())
        vendor = vendor_of(database, plan_hash.strip())
    if output == "json":
        answer = {
            "plan_hash": plan_hash.strip(),
            "approved_by": name,
            "approved_at": now.isoformat(timespec="seconds"),
            "expires_at": expires_at.isoformat(timespec="seconds"),
            "counts": counts,
            "consequences": costs,
        }
        click.echo(as_json(answer))
        return
    click.echo(printable(f"Approved by {name}, valid until {expires_at:%Y-%m-%d %H:%M} UTC."))
    for sentence in say_consequences(costs, vendor, load_words("en")):
        click.echo(f"  {sentence}")
    if costs:
        click.echo(f"Who they are: {found.report}, or people-sync plan --names {found.arguments}")
    else:
        click.echo("  nothing has to be sent; the connection is live from the next run on")
    if found.connection:
        click.echo(f"Send it with: people-sync run {found.connection}")


def _user() -> str:
    from people_transforms.errors import ConfigError

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container that runs under any number.
        raise ConfigError("This user has no name. Say who approves: --by NAME.") from None


def parse_duration(text: str, option: str = "--expires-in") -> timedelta:
    """Read 12h, 7d or 2w."""
    match = re.fullmatch(r"\s*([0-9]{1,4})\s*([hdw])\s*", text.lower())
    if match is None or int(match[1]) == 0:
        raise click.BadParameter("use a number and h, d or w, such as 7d", param_hint=option)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
