"""Airbyte's public API as a local server: the paths the example uses, and what the real one refuses.

After the documented API and the platform's own checks: a token of the client credentials, lists in
pages, an unknown workspace or id, missing fields, an id given twice, and a cron that is no Quartz
expression or runs more often than hourly. Its time zone is always UTC.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import parse_qs

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

WORKSPACE = "c9a1f2d0-0000-4000-8000-000000000001"
CLIENT, SECRET, TOKEN = "client-of-the-test", "secret-of-the-test", "token-of-the-test"
_FIELD = re.compile(r"(\*|\?|[0-9A-Z#L]+(-[0-9A-Z]+)?)(/[0-9]+)?(,[0-9A-Z-]+)*")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Definition(_Body):
    name: str
    dockerRepository: str
    dockerImageTag: str
    documentationUrl: str | None = None


class Actor(_Body):
    name: str
    workspaceId: str
    definitionId: str
    configuration: dict[str, Any]


class Schedule(_Body):
    scheduleType: Literal["cron", "manual"]
    cronExpression: str | None = None


class ConnectionBody(_Body):
    name: str
    sourceId: str
    destinationId: str
    schedule: Schedule
    namespaceDefinition: str = "destination"
    nonBreakingSchemaUpdatesBehavior: str = "ignore"
    status: str = "active"
    configurations: dict[str, Any] = Field(default_factory=dict)
    prefix: str | None = None


def refuse(status: int, message: str) -> HTTPException:
    return HTTPException(status, message)


class PublicApi:
    """One workspace, kept in memory."""

    def __init__(self) -> None:
        self.definitions: dict[str, list[dict[str, Any]]] = {"sources": [], "destinations": []}
        self.actors: dict[str, list[dict[str, Any]]] = {"sources": [], "destinations": []}
        self.connections: list[dict[str, Any]] = []
        self.writes: list[str] = []

    def app(self) -> Starlette:
        routes = [
            Route("/v1/applications/token", self.token, methods=["POST"]),
            Route("/v1/workspaces/{workspace}/definitions/{kind}", self.list_definitions),
            Route("/v1/workspaces/{workspace}/definitions/{kind}", self.define, methods=["POST"]),
            Route("/v1/connections", self.list_connections),
            Route("/v1/connections", self.connect, methods=["POST"]),
            Route("/v1/{kind}", self.list_actors),
            Route("/v1/{kind}", self.create_actor, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _problem})

    async def token(self, request: Request) -> JSONResponse:
        form = parse_qs((await request.body()).decode())
        if (form["client_id"], form["client_secret"]) != ([CLIENT], [SECRET]):
            raise refuse(401, "Invalid client credentials")
        return JSONResponse({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 900})

    async def list_definitions(self, request: Request) -> JSONResponse:
        _check_access(request, request.path_params["workspace"])
        return JSONResponse({"data": self.definitions[request.path_params["kind"]]})

    async def define(self, request: Request) -> JSONResponse:
        _check_access(request, request.path_params["workspace"])
        kind = request.path_params["kind"]
        made = (await _parsed(request, Definition)).model_dump() | {"id": str(uuid.uuid4())}
        self.definitions[kind].append(made)
        self.writes.append(f"definition of {kind}")
        return JSONResponse(made)

    async def list_actors(self, request: Request) -> JSONResponse:
        _check_access(request, *request.query_params.getlist("workspaceIds"))
        return _page(request, self.actors[request.path_params["kind"]])

    async def create_actor(self, request: Request) -> JSONResponse:
        kind = request.path_params["kind"]
        body = await _parsed(request, Actor)
        _check_access(request, body.workspaceId)
        if body.definitionId not in {one["id"] for one in self.definitions[kind]}:
            raise refuse(404, f"Could not find configuration for {body.definitionId}")
        made = self.add_actor(kind, body.name, body.definitionId, body.configuration)
        self.writes.append(kind)
        return JSONResponse(made)

    def add_actor(
        self, kind: str, name: str, definition_id: str, configuration: dict[str, Any]
    ) -> dict[str, Any]:
        one = kind.removesuffix("s")
        made = {
            f"{one}Id": str(uuid.uuid4()), f"{one}Type": "custom", "name": name, "createdAt": 1,
            "definitionId": definition_id, "workspaceId": WORKSPACE, "configuration": configuration,
        }  # fmt: skip
        self.actors[kind].append(made)
        return made

    async def list_connections(self, request: Request) -> JSONResponse:
        _check_access(request, *request.query_params.getlist("workspaceIds"))
        return _page(request, self.connections)

    async def connect(self, request: Request) -> JSONResponse:
        _check_access(request)
        body = await _parsed(request, ConnectionBody)
        for kind, key in (("source", body.sourceId), ("destination", body.destinationId)):
            if key not in {one[f"{kind}Id"] for one in self.actors[f"{kind}s"]}:
                raise refuse(404, f"Could not find {kind} {key}")
        schedule = body.schedule.model_dump()
        if body.schedule.scheduleType == "cron":
            schedule["cronExpression"] = _checked_cron(body.schedule.cronExpression)
        made = body.model_dump() | {
            "connectionId": str(uuid.uuid4()), "workspaceId": WORKSPACE, "createdAt": 1,
            "tags": [], "schedule": schedule,
        }  # fmt: skip
        self.connections.append(made)
        self.writes.append("connections")
        return JSONResponse(made)


def _check_access(request: Request, *workspaces: str) -> None:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise refuse(401, "Unauthorized")
    if set(workspaces) - {WORKSPACE}:
        raise refuse(403, "Workspace not found, or no access to it")


async def _parsed(request: Request, model: type[Any]) -> Any:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        names = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise refuse(400, f"Invalid data: {names}") from error


def _checked_cron(expression: str | None) -> str:
    """Take a Quartz expression that runs at most hourly; ` UTC` at its end is cut off, as there."""
    if not expression:
        raise refuse(400, "Missing cron expression in the schedule.")
    fields = expression.removesuffix("UTC").strip().split()
    is_quartz = len(fields) in (6, 7) and all(_FIELD.fullmatch(field) for field in fields)
    if not is_quartz or [fields[3], fields[5]].count("?") != 1:
        raise refuse(400, f"The cron expression {expression} is not valid.")
    if not (fields[0].isdigit() and fields[1].isdigit()):
        raise refuse(400, "The seconds and minutes values cannot be `*`.")
    return " ".join(fields)


def _page(request: Request, rows: list[dict[str, Any]]) -> JSONResponse:
    first, count = (int(request.query_params.get(n, d)) for n, d in (("offset", 0), ("limit", 20)))
    if not 1 <= count <= 100:
        raise refuse(400, "limit must be between 1 and 100")
    return JSONResponse({"data": rows[first : first + count]})


async def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    body = {"status": error.status_code, "title": "bad-request", "detail": error.detail}
    return JSONResponse(body, error.status_code, media_type="application/problem+json")


@contextmanager
def serve(known: PublicApi) -> Iterator[str]:
    """Serve it on a free port; yields the address the client is given."""
    config = uvicorn.Config(
        known.app(), port=0, http="h11", ws="none", lifespan="off", log_level="warning"
    )
    server = uvicorn.Server(config)
    with config.bind_socket() as listener:
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            thread.join()
