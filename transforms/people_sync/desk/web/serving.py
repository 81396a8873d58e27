"""Serve an app on one machine; nothing that is asked for is logged."""

from __future__ import annotations

import contextlib
import functools
import socket
from collections import deque
from collections.abc import Iterator, Sequence

import uvicorn
from people_transforms.errors import ConfigError
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from people_sync.desk.web.bounded_log import log_to_stderr
from people_sync.desk.web.sockets import ImpatientProtocol

_PATIENCE_SECONDS = 5
_BACKLOG = 64


@contextlib.contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port, so that a link can be printed before the first visitor comes."""
    try:
        taken = socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        raise ConfigError(
            "Nothing can be served there; give another --port (0 takes a free one).",
            host=host,
            port=port,
            reason=error.strerror,
        ) from None
    with taken:
        yield taken


def behind(app: ASGIApp, proxies: Sequence[str]) -> ASGIApp:
    """Believe the X-Forwarded-For of these proxies, and of nobody else."""
    if not proxies:
        return app
    renamed: ASGIApp = ProxyHeadersMiddleware(app, list(proxies))  # type: ignore[arg-type, assignment]
    return renamed


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Build the server. A link's token is in its path, so there is no access log."""
    config = uvicorn.Config(
        app,
        http=functools.partial(ImpatientProtocol, line=deque()),  # type: ignore[arg-type]
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        lifespan="on",
        ws="none",
        backlog=_BACKLOG,
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    return uvicorn.Server(config)


def serve(server: uvicorn.Server, taken: socket.socket) -> None:
    """Answer until the process is stopped."""
    log_to_stderr()
    server.run(sockets=[taken])
