"""Who is at the other end of the connection itself, noted before a proxy's headers rename the client."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class PeerNoted:
    """Puts the address of the peer into the scope, where no header of a request can change it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["peer"] = scope["client"][0] if scope.get("client") else ""
        await self._app(scope, receive, send)
