"""`people-sync desk`: the pages on which HR and support look, decide and mend."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import click

from people_sync.commands.options import output_option, records_option


@click.command("desk")
@click.argument("where", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--people",
    "people_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="YAML file with who may sign in, as what, and the mail server for the links.",
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="ADDRESS=ROLE",
    help="Let somebody sign in: ADDRESS=support, or ADDRESS=hr:CONNECTION; repeatable.",
)
@click.option(
    "--link",
    "link_for",
    metavar="ADDRESS",
    help="Print a sign-in link for this address at once.",
)
@click.option(
    "--sign-out", "out", metavar="ADDRESS", help="End all sessions of this address, and stop."
)
@records_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8711, show_default=True, type=click.IntRange(0, 65535))
@click.option("--base-url", help="Address that browsers see, behind a TLS proxy.")
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    help="Address of a proxy whose X-Forwarded-For is right; repeatable.",
)
@click.option(
    "--trust-header",
    metavar="HEADER",
    help="Header in which your own sign-on proxy names who signed in; then no links are made.",
)
@output_option
def command(
    where: tuple[Path, ...],
    people_file: Path | None,
    allowed: tuple[str, ...],
    link_for: str | None,
    out: str | None,
    records: Path,
    host: str,
    port: int,
    base_url: str | None,
    proxies: tuple[str, ...],
    trust_header: str | None,
    output: str,
) -> None:
    """Serve the desk over the connections of WHERE until it is stopped.

    WHERE are folders, connection files, or the configuration (JSON) of any destination of a lake;
    by default this folder. Who is on the operator's list signs in with a link.
    """
    from people_transforms.errors import ConfigError

    from people_sync.desk import serve as server
    from people_sync.desk.links import end_sessions, make_link
    from people_sync.desk.staff import Person, Staff, parse_allowed
    from people_sync.desk.web import addresses, serving

    staff = Staff(people_file, [parse_allowed(text) for text in allowed])
    if not staff.people():
        raise ConfigError(
            "Say who may sign in: --people FILE, or --allow ADDRESS=support "
            "(or ADDRESS=hr:CONNECTION)."
        )
    trusted = addresses.parse_proxies(proxies)
    if trust_header and not trusted and not addresses.is_loopback(host):
        raise ConfigError(
            "`--trust-header` beyond this machine needs `--trusted-proxy`: anybody could send "
            "the header.",
            host=host,
        )
    records = records.absolute()
    address = addresses.browser_address(host, port, base_url)
    if out:
        office = server.open_office(where or (Path.cwd(),), staff, records, address, click.echo)
        # Whoever is off the list already has no open page; the records of the sessions go too.
        whose = staff.find(out) or Person(parse_allowed(f"{out}=hr").address, "hr")
        end_sessions(office.records, whose, office.clock())
        click.echo("Signed out everywhere.")
        return
    with serving.listen(host, port) as socket:
        address = addresses.browser_address(host, socket.getsockname()[1], base_url)
        office = server.open_office(
            where or (Path.cwd(),),
            staff,
            records,
            address,
            lambda text: click.echo(text),
            trust_header=trust_header,
            proxies=trusted,
        )
        with office.records.open():  # better refused now than on each page
            pass
        for name in server.strangers(office):
            click.echo(
                f"Warning: HR of {name} is listed, and no connection of that name is served. Served: "
                f"{', '.join(office.connections.names()) or 'those of the lake'}.",
                err=True,
            )
        link = None
        if link_for:
            person = staff.find(link_for)
            if person is None:
                raise ConfigError("This address is not on the list; add it with --allow.")
            link = f"{address}/sign-in/{make_link(office.records, person, office.clock())}"
        if output == "json":
            click.echo(json.dumps({"url": address, "link": link}))
        else:
            if link:
                click.echo(f"Open this link; it works once, for 15 minutes:\n  {link}")
            if staff.mail is None and not trust_header:
                click.echo("Without a mail server (`mail` in --people) links are printed here.")
            click.echo(f"Serving {address} until you stop it with Ctrl-C.")
        with contextlib.suppress(KeyboardInterrupt):
            serving.serve(server.build_server(office), socket)
