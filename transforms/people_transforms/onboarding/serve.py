"""Serve the onboarding on one machine; nothing that is asked for is logged."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
from collections.abc import Iterator

import uvicorn

from people_transforms.commands.connection_file import ConnectionFile
from people_transforms.errors import ConfigError
from people_transforms.onboarding.app import build_app
from people_transforms.onboarding.desk import Desk, open_desk
from people_transforms.onboarding.links import make_link

_PATIENCE_SECONDS = 5


@contextlib.contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port, so that the link can be printed before the first visitor comes."""
    try:
        taken = socket.create_server((host, port), backlog=64)
    except OSError as error:
        raise ConfigError(
            "The onboarding cannot listen there; give another --port (0 takes a free one).",
            host=host,
            port=port,
            reason=error.strerror,
        ) from None
    with taken:
        yield taken


def prepare(
    file: ConnectionFile, base_url: str, lasts: dt.timedelta | None, now: dt.datetime
) -> tuple[Desk, str | None]:
    """Open the connection's onboarding, with a new link if `lasts` says for how long."""
    desk = open_desk(file, base_url, lambda: dt.datetime.now(dt.UTC))
    if lasts is None:
        return desk, None
    token = desk.journey.change(lambda journey: make_link(journey, now, lasts))
    return desk, f"{desk.base_url}/link/{token}"


def build_server(desk: Desk) -> uvicorn.Server:
    """Build the server. A link's token is in its path, so there is no access log."""
    config = uvicorn.Config(
        build_app(desk),
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    return uvicorn.Server(config)


def serve(desk: Desk, taken: socket.socket) -> None:
    """Answer until the process is stopped."""
    build_server(desk).run(sockets=[taken])
