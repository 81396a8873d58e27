"""The sandbox's own side, under ``/control``: worlds, accounts, nights, faults, the request log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sandbox.configs import config_of
from people_sandbox.errors import SandboxError, UnknownRecordError, WrongRequestError
from people_sandbox.faults import Faults, parse_fault
from people_sandbox.nights import let_pass, parse_night
from people_sandbox.state import State

Handler = Callable[[Request], Awaitable[Any]]


class Control:
    """The control routes over one state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.faults: Faults | None = None

    def routes(self) -> list[Route]:
        world, record = "/world/{vendor}", "/world/{vendor}/{collection}/{key:path}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "", self._overview),
            ("GET", "/config/{connector}", self._get_config),
            ("GET", world, self._get_world),
            ("PUT", world, self._put_world),
            ("POST", "/world/{vendor}/{collection}", self._add_record),
            ("PATCH", record, self._patch_record),
            ("DELETE", record, self._remove_record),
            ("GET", "/accounts/{vendor}", self._get_accounts),
            ("PUT", "/accounts/{vendor}", self._put_accounts),
            ("GET", "/settings/{vendor}", self._settings),
            ("PATCH", "/settings/{vendor}", self._settings),
            ("POST", "/night", self._night),
            ("POST", "/fault", self._add_fault),
            ("DELETE", "/fault", self._clear_faults),
            ("GET", "/requests", self._get_requests),
            ("DELETE", "/requests", self._clear_requests),
        ]
        return [
            Route(f"/control{path}", _answered(handler), methods=[method])
            for method, path, handler in table
        ]

    async def _overview(self, request: Request) -> Any:
        return self._state.overview(f"{request.url.scheme}://{request.url.netloc}")

    async def _get_config(self, request: Request) -> Any:
        variant = request.query_params.get("variant", "")
        return config_of(request.path_params["connector"], await self._overview(request), variant)

    async def _get_world(self, request: Request) -> Any:
        return self._state.world(request.path_params["vendor"]).snapshot()

    async def _put_world(self, request: Request) -> Any:
        world = await _body(request)
        if not all(isinstance(rows, list) for rows in world.values()):
            raise WrongRequestError("A world is an object of lists: {collection: [record, …]}.")
        self._state.world(request.path_params["vendor"]).put(world)
        return {name: len(rows) for name, rows in world.items()}

    async def _add_record(self, request: Request) -> Any:
        world = self._state.world(request.path_params["vendor"])
        return {"id": world.add(request.path_params["collection"], await _body(request))}

    async def _patch_record(self, request: Request) -> Any:
        found = request.path_params
        return self._state.world(found["vendor"]).patch(
            found["collection"], found["key"], await _body(request)
        )

    async def _remove_record(self, request: Request) -> Any:
        found = request.path_params
        self._state.world(found["vendor"]).remove(found["collection"], found["key"])
        return {"removed": found["key"]}

    async def _get_accounts(self, request: Request) -> Any:
        return self._state.accounts(request.path_params["vendor"]).snapshot()

    async def _put_accounts(self, request: Request) -> Any:
        accounts = await _json(request)
        if isinstance(accounts, dict):
            accounts = accounts.get("accounts")
        if not isinstance(accounts, list):
            raise WrongRequestError("Accounts are a list of objects.")
        self._state.accounts(request.path_params["vendor"]).put(accounts)
        return {"accounts": len(accounts)}

    async def _settings(self, request: Request) -> Any:
        return self._state.change_settings(request.path_params["vendor"], await _body(request))

    async def _night(self, request: Request) -> Any:
        asked = await _body(request)
        if "as_of" in asked:
            asked["as_of"] = parse_day(asked["as_of"]).isoformat()
        state = self._state
        night = parse_night(asked, state.size, state.as_of, state.nights)
        names = [str(asked["vendor"])] if asked.get("vendor") else ["loket", "alveno"]
        worlds = [state.world(name) for name in names]
        state.move_to(night.as_of)
        state.nights += 1
        return {
            "as_of": night.as_of.isoformat(),
            "seed": night.seed,
            "changed": let_pass(night, worlds),
        }

    async def _add_fault(self, request: Request) -> Any:
        fault = parse_fault(await _body(request))
        assert self.faults is not None
        self.faults.add(fault)
        return {
            "vendor": fault.vendor,
            "fault": fault.name,
            "match": fault.match,
            "times": fault.left,
        }

    async def _clear_faults(self, request: Request) -> Any:
        assert self.faults is not None
        self.faults.clear()
        return {}

    async def _get_requests(self, request: Request) -> Any:
        writes = request.query_params.get("writes")
        asked = None if writes is None else writes.casefold() in ("true", "1")
        return self._state.log.listed(request.query_params.get("vendor"), asked)

    async def _clear_requests(self, request: Request) -> Any:
        self._state.log.clear()
        return {}


def _answered(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            content, status = await handler(request), 200
        except UnknownRecordError as error:
            content, status = {"error": str(error)}, 404
        except SandboxError as error:
            content, status = {"error": str(error)}, 400
        return Response(orjson.dumps(content), status, media_type="application/json")

    return answer


async def _json(request: Request) -> Any:
    raw = await request.body()
    try:
        return orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as error:
        raise WrongRequestError("The body is not JSON.") from error


async def _body(request: Request) -> dict[str, Any]:
    body = await _json(request)
    if not isinstance(body, dict):
        raise WrongRequestError("The body must be a JSON object.")
    return body


def parse_day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise WrongRequestError(f"{text!r} is not a date such as 2026-03-02.") from error
