"""The onboarding's routes as an OpenAPI schema, written by hand: what a stranger may send to each."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "maxLength": 200}
PAGES = ("/", "/reads", "/source", "/destination", "/congratulations", "/test", "/test/progress",
         "/report", "/employers", "/confirm", "/active", "/sign-out", "/style.css")  # fmt: skip
FORMS: dict[str, tuple[str, ...]] = {
    "/reads": (),
    "/source": ("token",),
    "/destination": ("access_key", "secret_key"),
    "/congratulations": (),
    "/test": (),
    "/employers": ("employer", "place:1", "again", "mode", "one", "many"),
    "/confirm": ("plan_hash", "seen"),
    "/sign-out": ("everywhere",),
}
# With the token of the form these start programs or end the session; other tests do that.
WITHOUT_TOKEN = ("/destination", "/employers", "/test", "/sign-out")
ANSWERS = (200, 303, 400, 401, 403, 404, 405, 409, 410, 422, 429)


def schema_of_routes(csrf: str) -> dict[str, Any]:
    """Make the schema; `csrf` is the token that forms of this browser carry."""
    language = _query("lang")
    paths: dict[str, Any] = {path: {"get": _operation(language)} for path in PAGES}
    for path, fields in FORMS.items():
        paths[path]["post"] = {**_operation(language), "requestBody": _form(path, fields, csrf)}
    token = {"name": "token", "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}}
    paths["/link/{token}"] = {
        "get": _operation(token, language),
        "post": {**_operation(token), "requestBody": _form("/link", (), csrf)},
    }
    answer = [_query(name) for name in ("code", "state", "error")]
    paths["/consent/back"] = {"get": _operation(*answer)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Onboarding", "version": "1"},
        "paths": paths,
    }


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
