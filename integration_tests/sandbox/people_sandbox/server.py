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

from people_sandbox.alleo.api import AlleoApi
from people_sandbox.alveno.api import AlvenoApi
from people_sandbox.connections import Protocol
from people_sandbox.control import Control
from people_sandbox.faults import Faults
from people_sandbox.loket.api import LoketApi
from people_sandbox.loket.oauth import OAuth
from people_sandbox.lunchdrive.api import LunchdriveApi
from people_sandbox.state import State


def build_app(state: State) -> Faults:
    """Everything behind the faults and the request log."""
    control = Control(state)
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
            *control.routes(),
        ]
    )
    revoke = {"loket": state.loket_tokens.revoke, "alleo": alleo.revoke}
    control.faults = Faults(router, state.log, revoke, state.first_account)
    return control.faults


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
