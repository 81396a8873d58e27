"""``people-sync sandbox`` and ``python -m people_sandbox``."""

from __future__ import annotations

from datetime import datetime

import click

from people_sandbox.errors import SandboxError


@click.command(name="sandbox")
@click.option(
    "--size", default=60, show_default=True, help="People in each HR system, 10 to 1,000,000."
)
@click.option("--seed", default=7, show_default=True, help="The same number makes the same people.")
@click.option(
    "--employers", type=int, default=None, help="Loket employers to share the people among."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=0, show_default=True, help="0 takes a free one.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-03-02",
    show_default=True,
    help="Today, in the sandbox.",
)
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
def sandbox(
    size: int,
    seed: int,
    employers: int | None,
    host: str,
    port: int,
    as_of: datetime,
    until_stdin_closes: bool,
) -> None:
    """Run Loket, Alveno, Alleo and Lunchdrive as one local server; prints one JSON line when ready."""
    from people_sandbox.server import serve  # the servers' libraries load only when they are wanted
    from people_sandbox.state import State

    try:
        state = State(size, seed, as_of.date(), employers)
    except SandboxError as error:
        raise click.UsageError(str(error)) from error
    try:
        serve(state, host, port, until_stdin_closes)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} on {host} cannot be used: {error.strerror}. Choose another with --port."
        ) from error
