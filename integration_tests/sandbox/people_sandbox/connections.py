"""Let a fault close the connection it is asked on: uvicorn's protocol with its transports listed."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


class Protocol(HttpToolsProtocol):
    """uvicorn's own, keeping its transport findable by the client's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            _TRANSPORTS[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            _TRANSPORTS.pop(self.client, None)
        super().connection_lost(exc)


def reset(scope: Any) -> None:
    """Cut the connection so that the client sees 'connection reset', whatever was sent before."""
    transport = _transport(scope)
    if transport:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def close(scope: Any) -> None:
    """Send what is buffered, then hang up."""
    transport = _transport(scope)
    if transport:
        transport.close()


def _transport(scope: Any) -> asyncio.Transport | None:
    client = scope.get("client")
    return _TRANSPORTS.get((client[0], client[1])) if client else None
