"""`people-sync onboard`: the web pages that walk a customer from a link to an active connection."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import click

from people_sync.commands.options import connection_argument, output_option, records_option


@click.command("onboard", short_help="Let the customer connect, choose and approve, in a browser.")
@connection_argument
@click.option("--for", "who", help="Name or address of whom the link is for; approvals carry it.")
@click.option(
    "--mail", "to", metavar="ADDRESS", help="Send the link to this address, with what to expect."
)
@click.option(
    "--language",
    "--lang",
    type=click.Choice(["nl", "cs", "en"]),
    help="Of that mail; default the HR system's.",
)
@click.option("--valid", default="7d", show_default=True, help="How long the link is valid.")
@click.option("--link/--no-link", "new_link", default=True, help="Make a new integration link.")
@click.option("--serve/--no-serve", default=True, help="Or only make a link for a running server.")
@records_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8710, show_default=True, type=click.IntRange(0, 65535))
@click.option("--base-url", help="Address that the customer's browser sees, behind a TLS proxy.")
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    help="Address of a proxy whose X-Forwarded-For is right; repeatable.",
)
@output_option
def command(
    connection: Path,
    who: str | None,
    to: str | None,
    language: str | None,
    valid: str,
    new_link: bool,
    serve: bool,
    records: Path,
    host: str,
    port: int,
    base_url: str | None,
    proxies: tuple[str, ...],
    output: str,
) -> None:
    """Serve the onboarding of CONNECTION and print the integration link for the customer.

    The link works once, for the person named with --for; a newer one ends the sessions of older
    ones. Progress is kept: stop it and start it again whenever you like. A desk that serves this
    connection serves its onboarding too: make the link for it with --no-serve, its --records and
    its --base-url.
    """
    from people_transforms.errors import ConfigError

    from people_sync.commands.approve import parse_duration
    from people_sync.connection.connection_file import read_connection_file
    from people_sync.desk import serve as server
    from people_sync.desk.onboarding.invitation import mail_link
    from people_sync.desk.records import records_file
    from people_sync.desk.staff import Staff
    from people_sync.desk.web import addresses, serving

    lasts = parse_duration(valid, "--valid")
    who = who or to
    if to and not new_link:
        raise click.UsageError("--mail sends a new link; leave out --no-link.")
    if new_link and not who:
        raise click.UsageError("Say for whom the link is (--for NAME), or make none (--no-link).")
    if not new_link and not serve:
        raise click.UsageError("With --no-link and --no-serve there is nothing to do.")
    if not serve and not port and base_url is None:
        raise click.UsageError(
            "Say where it is served: --port, or --base-url as it was given there."
        )
    file = read_connection_file(connection)
    trusted = addresses.parse_proxies(proxies)
    address = addresses.browser_address(host, port, base_url)
    records = records.absolute()
    if not serve and not records_file(records).is_file():
        # A link that no server knows, and an old one that stays open, would be found out too late.
        raise ConfigError(
            "No server keeps its records there; say with --records where the running one does.",
            path=records,
        )
    with serving.listen(host, port) if serve else contextlib.nullcontext() as socket:
        if socket is not None:
            address = addresses.browser_address(host, socket.getsockname()[1], base_url)
        office = server.open_office(
            [connection], Staff(None), records, address, lambda text: None, proxies=trusted
        )
        (name,) = office.connections.names()
        served = office.connections.find(name)
        onboarding = office.onboarding(served) if served else None
        if onboarding is None:
            raise ConfigError(
                "The onboarding does not know one of these connectors.", path=file.path
            )
        link = server.link_for_customer(office, name, who or "", lasts) if new_link else None
        said = {"url": address, "link": link, "valid": valid if link else None}
        if to and link:
            mail_link(onboarding, to, link, lasts, language)
        if output == "json":
            click.echo(json.dumps(said))
        else:
            if to:
                click.echo(f"The link was sent to {to}; it works once, for {valid}.")
            elif link:
                click.echo(f"Send this link to {who}; it works once, for {valid}:\n  {link}")
            if file.alarms is None:
                click.echo("Nobody is told of sign-ins, changed keys and approvals: set `alarms`.")
            if serve:
                click.echo(f"Serving {address} until you stop it with Ctrl-C.")
        if socket is not None:
            with contextlib.suppress(KeyboardInterrupt):
                serving.serve(server.build_server(office), socket)
