"""Lunchdrive by the contract of this project: clients, diners, invitations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sandbox.lunchdrive.accounts import Diners, Duplicate, Record, on_the_wire
from people_sandbox.lunchdrive.fields import Create, Edit, Refused, parse
from people_sandbox.rate_limit import Window

API_KEY = "sandbox-lunchdrive-key"
_MOST_PER_PAGE = 100

Handler = Callable[[Request, int], Awaitable[tuple[Any, int]]]


class Answered(Exception):
    """Ends a request with a status and an error in the vendor's shape."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.code = code
        self.problems = [(field, message)]


def error_body(shape: str, code: str, problems: list[Any]) -> Any:
    """Both known shapes: one object for the first problem, or a list of all."""
    if shape == "list":
        return [{"field": field or "", "message": message} for field, message in problems]
    field, message = problems[0]
    return {"error": {"code": code, "message": message, "field": field or None}}


class LunchdriveApi:
    """The routes, over the diners."""

    def __init__(self, diners: Diners, settings: dict[str, Any]) -> None:
        self._diners = diners
        self._settings = settings
        self._window = Window()

    def routes(self) -> list[Route]:
        diners, one = "/clients/{client}/diners", "/clients/{client}/diners/{diner}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/clients", self._clients),
            ("GET", diners, self._list),
            ("POST", diners, self._create),
            ("GET", one, self._get),
            ("PATCH", one, self._edit),
            ("POST", f"{one}/invitation", self._invite),
        ]
        return [
            Route(path, self._answered(handler), methods=[method])
            for method, path, handler in table
        ]

    def _answered(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            shape, headers = str(self._settings["error_shape"]), {}
            try:
                self._check_key(request)
                allowance = self._window.take(self._settings["rate_limit"])
                headers = allowance.headers() if self._settings["rate_limit"] else {}
                if not allowance.is_allowed:
                    raise Answered(429, "too_many_requests", "Too many requests.")
                content, status = await handler(request, self._client(request))
            except Answered as error:
                content, status = error_body(shape, error.code, error.problems), error.status
            except Refused as error:
                content, status = error_body(shape, "invalid", error.problems), 422
            except Duplicate as error:
                field = self._settings["field_names"].get(error.field, error.field)
                content, status = (
                    error_body(shape, "duplicate", [(field, "This value is taken.")]),
                    409,
                )
            return Response(orjson.dumps(content), status, headers, "application/json")

        return answer

    def _check_key(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        bearer = key.strip() if scheme.casefold() == "bearer" else ""
        if API_KEY not in (bearer, request.headers.get("x-api-key")):
            raise Answered(401, "unauthorized", "The API key is missing or not valid.")

    def _client(self, request: Request) -> int:
        if "client" not in request.path_params:
            return 0
        text = request.path_params["client"]
        known = {str(one["id"]): one for one in self._settings["clients"]}
        if text not in known:
            raise Answered(404, "not_found", "There is no such client.")
        if known[text]["group_id"] != self._settings["group_id"]:
            raise Answered(403, "forbidden", "The key has no access to this client.")
        return int(text)

    def _diner(self, request: Request, client_id: int) -> Record:
        text = request.path_params["diner"]
        record = self._diners.get(client_id, int(text)) if text.isdigit() else None
        if record is None:
            raise Answered(404, "not_found", "There is no such diner.")
        return record

    def _wire(self, record: Record) -> Record:
        return on_the_wire(record, self._settings["field_names"])

    async def _clients(self, request: Request, client_id: int) -> tuple[Any, int]:
        own = [
            one
            for one in self._settings["clients"]
            if one["group_id"] == self._settings["group_id"]
        ]
        page, size = _page_of(request)
        return {
            "items": own[(page - 1) * size : page * size],
            "page": page,
            "per_page": size,
            "total": len(own),
        }, 200

    async def _list(self, request: Request, client_id: int) -> tuple[Any, int]:
        page, size = _page_of(request)
        with_inactive = request.query_params.get("include_inactive", "").casefold() in ("1", "true")
        rows, total = self._diners.page(client_id, (page - 1) * size, size, with_inactive)
        return {
            "items": [self._wire(row) for row in rows],
            "page": page,
            "per_page": size,
            "total": total,
        }, 200

    async def _get(self, request: Request, client_id: int) -> tuple[Any, int]:
        return self._wire(self._diner(request, client_id)), 200

    async def _create(self, request: Request, client_id: int) -> tuple[Any, int]:
        fields = parse(Create, await request.body(), self._settings["field_names"])
        _check_validity(fields)
        return self._wire(self._diners.create(client_id, fields)), 201

    async def _edit(self, request: Request, client_id: int) -> tuple[Any, int]:
        record = self._diner(request, client_id)
        fields = parse(Edit, await request.body(), self._settings["field_names"])
        _check_validity(record | fields)
        return self._wire(self._diners.edit(record, fields)), 200

    async def _invite(self, request: Request, client_id: int) -> tuple[Any, int]:
        record = self._diner(request, client_id)
        if not record["email"]:
            raise Answered(422, "invalid", "The diner has no e-mail address.", "email")
        if not record["active"]:
            raise Answered(409, "inactive", "The diner is not active.", "active")
        self._diners.invite(record)
        return {"invitation_state": "sent"}, 202


def _page_of(request: Request) -> tuple[int, int]:
    page, size = request.query_params.get("page", "1"), request.query_params.get("per_page", "100")
    if not (page.isdigit() and size.isdigit() and int(page) > 0 and int(size) > 0):
        raise Answered(422, "invalid", "page and per_page must be positive numbers.", "page")
    return int(page), min(int(size), _MOST_PER_PAGE)


def _check_validity(fields: Record) -> None:
    start, end = fields.get("valid_from"), fields.get("valid_to")
    if start and end and end < start:
        raise Refused([("valid_to", "valid_to lies before valid_from.")])
