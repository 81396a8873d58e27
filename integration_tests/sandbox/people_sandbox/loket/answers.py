"""Loket's envelopes and error bodies, byte for byte as its document shows them."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

JSON = "application/json; charset=utf-8"


def reply(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, JSON)


def page(rows: list[Any], total: int, number: int, size: int, version: str) -> Response:
    return reply(
        {
            "totalSize": total,
            "pageSize": size,
            "totalPages": -(-total // size),
            "currentPage": number,
            "version": {"obsoleteDate": None, "resourceVersion": version},
            "messages": [],
            "_embedded": rows,
        }
    )


def detail(content: Any, version: str) -> Response:
    body = {
        "version": {"obsoleteDate": None, "resourceVersion": version},
        "messages": [],
        "content": content,
    }
    return reply(body, headers={"ETag": f'"{abs(hash(str(content))):x}"'})


def bad_request(description: str, version: str, code: int = 83) -> Response:
    message: dict[str, Any] = {
        "code": code,
        "id": None,
        "type": "BrokenBusinessRule",
        "description": description,
        "properties": [],
    }
    return reply(
        {"version": {"obsoleteDate": None, "resourceVersion": version}, "messages": [message]}, 400
    )


def unreadable(description: str) -> Response:
    """Errors of the API level come as plain text."""
    return Response(description, 400, media_type="text/plain")


def unauthorized() -> Response:
    return reply({"message": "Authorization has been denied for this request."}, 401)


def forbidden() -> Response:
    reason = "User doesn't have rechten to perform activity for the given Id."
    return reply({"message": f'Insufficient rights for this request, reason "{reason}"'}, 403)


def not_found() -> Response:
    return Response(b"", 404)
