"""`people-sync onboard`: the web pages that walk a customer from a link to an active connection."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from people_transforms.commands.options import output_option


@click.command("onboard")
@click.argument("connection", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8710, show_default=True, type=click.IntRange(0, 65535))
@click.option("--base-url", help="Address that the customer's browser sees, behind a proxy.")
@click.option("--valid", default="7d", show_default=True, help="How long the link is valid.")
@click.option("--link/--no-link", "new_link", default=True, help="Make a new integration link.")
@output_option
def command(
    connection: Path,
    host: str,
    port: int,
    base_url: str | None,
    valid: str,
    new_link: bool,
    output: str,
) -> None:
    """Serve the onboarding of CONNECTION and print the integration link for the customer.

    The link is valid once. Progress is kept: stop it and start it again whenever you like.
    """
    from people_transforms.commands.approve import parse_duration
    from people_transforms.commands.connection_file import read_connection_file
    from people_transforms.errors import ConfigError

    lasts = parse_duration(valid, "--valid")
    file = read_connection_file(connection)
    try:
        from people_transforms.onboarding.serve import listen, prepare, serve
    except ModuleNotFoundError as error:
        raise ConfigError(
            "The onboarding needs one extra: pip install 'people-transforms[onboarding]'.",
            missing=error.name,
        ) from None
    with listen(host, port) as socket:
        address = base_url or f"http://{host}:{socket.getsockname()[1]}"
        desk, link = prepare(file, address, lasts if new_link else None, datetime.now(UTC))
        said = {"url": address, "link": link, "valid": valid if link else None}
        if output == "json":
            click.echo(json.dumps(said))
        elif link:
            click.echo(f"Send this link to the customer; it works once, for {valid}:\n  {link}")
            click.echo("Serving until you stop it with Ctrl-C.")
        else:
            click.echo(f"Serving {address} until you stop it with Ctrl-C.")
        with contextlib.suppress(KeyboardInterrupt):
            serve(desk, socket)
