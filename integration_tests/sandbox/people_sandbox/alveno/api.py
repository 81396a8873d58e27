"""Alveno: the attendance API (WCF JSON) and the HR API, over one world."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sandbox.alveno.dates import escaped, on_the_wire
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.tables import Record

TOKEN = "sandbox-alveno-token"
HR_KEY = "sandbox-alveno-hr-key"
TENANT = "01234567"
_NAMESPACE = UUID("6f2c1d0e-9f43-4b53-8a6e-2f6f6b1f7a11")


def html_error(status: int, reason: str) -> Response:
    """WCF's own error page: HTML, whatever was accepted."""
    body = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
        f'<head><title>Request Error</title></head><body><p class="heading1">{reason}</p></body></html>'
    )
    return Response(body, status, media_type="text/html")


class AlvenoApi:
    """The routes of both APIs; whole answers are kept until the world changes."""

    def __init__(self, world: AlvenoWorld, settings: dict[str, Any]) -> None:
        self._world = world
        self._settings = settings

    def routes(self) -> list[Route]:
        attendance, hr = "/v1/RESTAPIService.svc", "/hr/api/external/v1/{tenant}"
        return [
            Route(f"{attendance}/echo", self._echo, methods=["POST"]),
            Route(f"{attendance}/{{name}}", self._array),
            Route(f"{hr}/echo", self._hr_echo),
            Route(f"{hr}/employees", self._hr_employees),
            Route(f"{hr}/operations", self._hr_operations),
        ]

    def _is_known(self, request: Request) -> bool:
        return request.headers.get("authorizationtoken") == TOKEN

    async def _echo(self, request: Request) -> Response:
        return Response(await request.body(), media_type="application/json; charset=utf-8")

    async def _array(self, request: Request) -> Response:
        if not self._is_known(request):
            return html_error(
                401, "The server encountered an error processing the request: unknown token."
            )
        name = request.path_params["name"]
        if name not in self._world.tables:
            return html_error(404, "Endpoint not found.")
        table, nulls = self._world.tables[name], str(self._settings["null_dates"])

        def body() -> bytes:
            return escaped(
                [
                    on_the_wire(record, nulls, number)
                    for number, record in enumerate(table.records())
                ]
            )

        content = table.view(("wire", nulls), body)
        return Response(content, media_type="application/json; charset=utf-8")

    def _hr_refusal(self, request: Request) -> Response | None:
        if request.headers.get("x-api-key") != HR_KEY:
            return Response("Unauthorized", 401, media_type="text/plain")
        if request.path_params["tenant"] != TENANT:
            return Response("Forbidden", 403, media_type="text/plain")
        return None

    async def _hr_echo(self, request: Request) -> Response:
        return self._hr_refusal(request) or _json(
            {"message": request.query_params.get("message", "")}
        )

    async def _hr_employees(self, request: Request) -> Response:
        refused = self._hr_refusal(request)
        if refused:
            return refused
        offset, limit = (
            request.query_params.get("offset", "0"),
            request.query_params.get("limit", "100"),
        )
        if not (offset.isdigit() and limit.isdigit() and 1 <= int(limit) <= 1000):
            return Response(
                "offset and limit must be numbers, limit at most 1000", 400, media_type="text/plain"
            )
        table = self._world.tables["employees"]
        keys = table.ids()[int(offset) : int(offset) + int(limit)]
        items = [self._hr_employee(key, table.get(key)) for key in keys]
        return _json(
            {"items": items, "offset": int(offset), "limit": int(limit), "totalCount": len(table)}
        )

    def _hr_employee(self, key: str, record: Record) -> Record:
        table = self._world.tables["workloads"]
        workloads = [table.get(found) for found in table.ids("EmployeeID", key)]
        starts = sorted(str(row["DateFrom"])[:10] for row in workloads if row.get("DateFrom"))
        today = self._settings["as_of"]
        operation = workloads[-1].get("OperationID") if workloads else None
        return {
            "id": str(uuid5(_NAMESPACE, f"employee/{key}")),
            "firstName": record.get("Firstname"),
            "lastName": record.get("Lastname"),
            "email": record.get("Email"),
            "avatarId": None,
            "jobTitle": (workloads[-1].get("JobTitle") or "") if workloads else "",
            "personalNumber": record.get("PersonalID"),
            "isActive": any(
                not row.get("DateTo") or str(row["DateTo"])[:10] >= today for row in workloads
            ),
            "isDisabled": False,
            "operationId": str(uuid5(_NAMESPACE, f"operation/{operation}"))
            if operation is not None
            else None,
            "workgroupId": None,
            "gender": "female" if str(record.get("Lastname", "")).endswith("á") else "male",
            "startDate": starts[0] if starts else None,
            "localization": "cs",
        }

    async def _hr_operations(self, request: Request) -> Response:
        items = [
            {
                "id": str(uuid5(_NAMESPACE, f"operation/{row.get('OperationID')}")),
                "name": row.get("Name"),
                "isDisabled": False,
            }
            for row in self._world.tables["operations"].records()
        ]
        return self._hr_refusal(request) or _json({"items": items})


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json; charset=utf-8")
