"""Alleo's Customer API v1: what its official SDK speaks, eight endpoints and the token."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import date
from secrets import token_hex, token_urlsafe
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sandbox.alleo.accounts import Accounts, DuplicateEmail, Record
from people_sandbox.alleo.fields import Create, Edit, Refused, parse
from people_sandbox.rate_limit import Window

ACCESS_KEY = "sandbox-access-key"
SECRET_KEY = "sandbox-secret-key"
_MOST_PER_PAGE = 100

Handler = Callable[[Request, int], Awaitable[tuple[Any, int]]]


class Answered(Exception):
    """Ends a request with a status and a ``detail``."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail


class AlleoApi:
    """The routes, over the accounts, the list of companies and the sandbox's date."""

    def __init__(
        self,
        accounts: Accounts,
        companies: Callable[[], dict[int, str | None]],
        settings: dict[str, Any],
        today: Callable[[], date],
    ) -> None:
        self._accounts = accounts
        self._companies = companies
        self._settings = settings
        self._today = today
        self._window = Window()
        self._tokens: dict[str, float] = {}

    def routes(self) -> list[Route]:
        employees, one = (
            "/companies/{company}/employees",
            "/companies/{company}/employees/{employee}",
        )
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/companies/{company}/groups", self._groups),
            ("GET", employees, self._list),
            ("POST", employees, self._create),
            ("GET", one, self._get),
            ("PATCH", one, self._edit),
            ("POST", f"{one}/activate", self._activate),
            ("POST", f"{one}/deactivate", self._deactivate),
        ]
        return [
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/companies", self._answered(self._list_companies), methods=["GET"]),
            *(
                Route(path, self._answered(handler), methods=[method])
                for method, path, handler in table
            ),
        ]

    def revoke(self, authorization: str) -> None:
        self._tokens.pop(authorization.partition(" ")[2].strip(), None)

    async def _token(self, request: Request) -> Response:
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        if form.get("grant_type") != "client_credentials":
            return _reply({"detail": "unsupported_grant_type"}, 400, {})
        if (form.get("client_id"), form.get("client_secret")) != (ACCESS_KEY, SECRET_KEY):
            return _reply({"detail": "invalid_client"}, 401, {})
        token, lifetime = token_urlsafe(32), int(self._settings["token_lifetime"])
        self._tokens[token] = time.monotonic() + lifetime
        return _reply(
            {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}, 200, {}
        )

    def _answered(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Check the token, the limit and the company, then let the handler answer."""

        async def answer(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if (
                scheme.casefold() != "bearer"
                or self._tokens.get(token.strip(), 0.0) <= time.monotonic()
            ):
                return _reply(
                    {"detail": "Could not validate credentials"},
                    401,
                    {"WWW-Authenticate": "Bearer"},
                )
            allowance = self._window.take(self._settings["rate_limit"])
            if not allowance.is_allowed:
                return _reply({"detail": "Too many requests"}, 429, allowance.headers())
            try:
                content, status = await handler(request, self._company(request))
            except Answered as error:
                content, status = {"detail": error.detail}, error.status
            except Refused as error:
                content, status = {"detail": error.detail}, 422
            except DuplicateEmail:
                content, status = {"detail": "Email address already exists"}, 409
            return _reply(content, status, allowance.headers())

        return answer

    def _company(self, request: Request) -> int:
        if "company" not in request.path_params:
            return 0
        company_id = _number(request.path_params["company"], ["path", "company_id"])
        if company_id in self._settings["forbidden_companies"]:
            raise Answered(403, "Not enough permissions for this company")
        if company_id not in self._companies():
            raise Answered(404, "Company not found")
        return company_id

    def _employee(self, request: Request, company_id: int) -> Record:
        record = self._accounts.get(
            company_id, _number(request.path_params["employee"], ["path", "employee_id"])
        )
        if record is None:
            raise Answered(404, "Employee not found")
        return record

    async def _list_companies(self, request: Request, company_id: int) -> tuple[Any, int]:
        forbidden = self._settings["forbidden_companies"]
        visible = [key for key in self._companies() if key not in forbidden]
        return [{"id": key, "name": self._companies()[key]} for key in visible], 200

    async def _groups(self, request: Request, company_id: int) -> tuple[Any, int]:
        return self._accounts.groups(company_id), 200

    async def _list(self, request: Request, company_id: int) -> tuple[Any, int]:
        query = request.query_params
        skip = _number(query.get("skip", "0"), ["query", "skip"])
        limit = min(_number(query.get("limit", "30"), ["query", "limit"]), _MOST_PER_PAGE)
        group = (
            _number(query["company_group_id"], ["query", "company_group_id"])
            if "company_group_id" in query
            else None
        )
        active = _truth(query.get("is_active"))
        rows, count = self._accounts.page(
            company_id, skip, limit, (active, group, query.get("search", ""))
        )
        return {"data": rows, "count": count}, 200

    async def _get(self, request: Request, company_id: int) -> tuple[Any, int]:
        return self._employee(request, company_id), 200

    async def _create(self, request: Request, company_id: int) -> tuple[Any, int]:
        fields = parse(Create, await request.body())
        self._check_group(company_id, fields)
        return self._accounts.create(
            company_id, fields, f"{self._today().isoformat()}T09:00:00"
        ), 201

    async def _edit(self, request: Request, company_id: int) -> tuple[Any, int]:
        record = self._employee(request, company_id)
        fields = parse(Edit, await request.body())
        self._check_group(company_id, fields)
        return self._accounts.edit(company_id, record, fields), 200

    def _check_group(self, company_id: int, fields: Record) -> None:
        group = fields.get("company_group_id")
        if group is not None and group not in {
            one["id"] for one in self._accounts.groups(company_id)
        }:
            place = ["body", "company_group_id"]
            raise Refused(
                [
                    {
                        "type": "value_error",
                        "loc": place,
                        "msg": "Value error, unknown group",
                        "input": group,
                    }
                ]
            )

    async def _activate(self, request: Request, company_id: int) -> tuple[Any, int]:
        record = self._employee(request, company_id)
        return self._accounts.edit(
            company_id, record, {"is_active": True, "offboarding_date": None}
        ), 200

    async def _deactivate(self, request: Request, company_id: int) -> tuple[Any, int]:
        record = self._employee(request, company_id)
        if record["is_active"]:
            gone = {"is_active": False, "offboarding_date": f"{self._today().isoformat()}T23:00:00"}
            record = self._accounts.edit(company_id, record, gone)
        return record, 200


def _reply(content: Any, status: int, headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(content), status, headers | {"X-Request-ID": token_hex(8)}, "application/json"
    )


def _number(text: str, place: list[str]) -> int:
    if not text.isdigit():
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise Refused([{"type": "int_parsing", "loc": place, "msg": message, "input": text}])
    return int(text)


def _truth(text: str | None) -> bool | None:
    if text is None:
        return None
    if text.casefold() not in ("true", "false", "1", "0"):
        message = "Input should be a valid boolean, unable to interpret input"
        raise Refused(
            [{"type": "bool_parsing", "loc": ["query", "is_active"], "msg": message, "input": text}]
        )
    return text.casefold() in ("true", "1")
