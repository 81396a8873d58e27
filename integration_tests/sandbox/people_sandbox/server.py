"""Put the four vendors and the control side into one application and serve it."""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import threading
from typing import Any

import uvicorn
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from people_sandbox.alleo.api import AlleoApi
from people_sandbox.alveno.api import AlvenoApi
from people_sandbox.connections import Protocol
from people_sandbox.control import Control
from people_sandbox.loket.api import LoketApi
from people_sandbox.loket.oauth import OAuth
from people_sandbox.lunchdrive.api import LunchdriveApi
from people_sandbox.requests_log import vendor_and_path
from people_sandbox.state import State


class Logged:
    """Write every vendor call into the request log."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._log = state.log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        vendor, path = vendor_and_path(scope.get("path", ""))
        if scope["type"] != "http" or not vendor:
            await self._app(scope, receive, send)
            return
        call = self._log.open(
            vendor, scope["method"], path, scope["query_string"].decode("latin-1")
        )

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
            await send(message)

        await self._app(scope, receive, noted)


def build_app(state: State) -> ASGIApp:
    oauth = OAuth(state.loket_tokens)
    loket = LoketApi(state.loket, state.loket_tokens, state.today)
    alleo = AlleoApi(state.alleo, state.alleo_companies, state.settings["alleo"], state.today)
    router = Router(
        [
            Mount("/loket/v2", routes=loket.routes()),
            Route("/loket/oauth/authorize", oauth.authorize, methods=["GET", "POST"]),
            Route("/loket/oauth/token", oauth.token, methods=["POST"]),
            Mount("/alveno", routes=AlvenoApi(state.alveno, state.settings["alveno"]).routes()),
            Mount("/alleo/customer_api/v1", routes=alleo.routes()),
            Mount(
                "/lunchdrive/api",
                routes=LunchdriveApi(state.lunchdrive, state.settings["lunchdrive"]).routes(),
            ),
            *Control(state).routes(),
        ]
    )
    return Logged(router, state)


class _Server(uvicorn.Server):
    """Says one JSON line when it listens."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, Any]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()
        print(json.dumps(self._ready), flush=True)


def serve(state: State, host: str, port: int, until_stdin_closes: bool = False) -> None:
    """Serve until interrupted; with ``until_stdin_closes`` until the parent process is gone."""
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    url = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        build_app(state),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
    )
    if until_stdin_closes:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    ready = {
        "url": url,
        "control": f"{url}/control",
        "size": state.size,
        "seed": state.seed,
        "as_of": state.as_of.isoformat(),
    }
    _Server(config, ready).run(sockets=[listener])


def _leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
