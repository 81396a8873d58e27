"""Every route of the desk as an OpenAPI schema: what a stranger, a customer or HR may send to each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.routing import Route

TEXT = {"type": "string", "maxLength": 200}
# What a page reads from its address and from its form; the rest of either is junk.
QUERIES: dict[str, tuple[str, ...]] = {
    "/consent/back": ("code", "state", "error"),
    "/sign-in": ("then",),
    "/connections": ("q",),
    "/people": ("q", "place"),
    "/people.csv": ("q", "place"),
    "/report": ("masked",),
    "/report/{run}": ("masked",),
}
FORMS: dict[str, tuple[str, ...]] = {
    "/sign-in": ("address", "then"),
    "/sign-in/{token}": (),
    "/link/{token}": (),
    "/sign-out": ("everywhere",),
    "/run": (),
    "/share": (),
    "/approvals": ("group", "run", "digest", "what", "row", "note", "count", "plan"),
    "/to-do": ("cause", "until", "reason", "what"),
    "/settings": ("what", "invitations", "imports", "language", "addresses", "sure"),
    "/onboarding/reads": (),
    "/onboarding/source": ("token",),
    "/onboarding/destination": ("access_key", "secret_key"),
    "/onboarding/congratulations": ("again",),
    "/onboarding/test": (),
    "/onboarding/employers": ("employer", "place:1", "again", "mode", "one", "many"),
    "/onboarding/confirm": ("plan_hash", "seen"),
}
# With the token of the form these start programs or end the session; other tests do that.
WITHOUT_TOKEN = (
    "/onboarding/destination",
    "/onboarding/employers",
    "/onboarding/test",
    "/sign-out",
    "/run",
    "/share",
)
ANSWERS = (200, 303, 400, 401, 403, 404, 405, 409, 410, 422, 429)
_OF_CONNECTION = "/c/{connection}"


def schema_of_routes(routes: Iterable[Route], csrf: str) -> dict[str, Any]:
    """Make the schema; `csrf` is the token that forms of this browser carry."""
    paths: dict[str, Any] = {}
    for route in routes:
        name = route.path.removeprefix(_OF_CONNECTION) or "/"
        in_path = [
            {"name": one, "in": "path", "required": True, "schema": _values_of(one)}
            for one in route.param_convertors
        ]
        query = [_query(one) for one in ("lang", *QUERIES.get(name, ()))]
        path = paths[route.path.replace(":path", "")] = {"get": _operation(*in_path, *query)}
        if "POST" in (route.methods or ()):
            form = _form(name, FORMS[name], csrf)
            path["post"] = {**_operation(*in_path), "requestBody": form}
    return {"openapi": "3.0.3", "info": {"title": "Desk", "version": "1"}, "paths": paths}


def _values_of(name: str) -> dict[str, Any]:
    text = {**TEXT, "minLength": 1}
    # Else hardly any request would get as far as the page.
    return {"anyOf": [{"enum": ["bakkerij"]}, text]} if name == "connection" else text


def _operation(*parameters: dict[str, Any]) -> dict[str, Any]:
    headers = [
        {"name": name, "in": "header", "schema": TEXT} for name in ("Accept-Language", "Cookie")
    ]
    return {
        "parameters": [*parameters, *headers],
        "responses": {str(status): {"description": "-"} for status in ANSWERS},
    }


def _query(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": TEXT}


def _form(path: str, fields: tuple[str, ...], csrf: str) -> dict[str, Any]:
    known = [] if path in WITHOUT_TOKEN else [{"enum": [csrf]}]
    properties: dict[str, Any] = {
        "csrf": {"anyOf": [*known, TEXT]},
        **dict.fromkeys(fields, TEXT),
    }
    form = {"type": "object", "properties": properties, "required": ["csrf"]}
    return {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
