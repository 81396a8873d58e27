"""How each vendor words a refusal, and how a list looks when it is cut short, repeated or empty."""

from __future__ import annotations

from typing import Any

import orjson

HTML = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We'll be back soon.</h1></body></html>"

_LISTS = ("_embedded", "data", "items")
_TOTALS = ("totalSize", "count", "total", "totalCount")
_LOKET = {
    401: b'{"message":"Authorization has been denied for this request."}',
    403: b'{"message":"Insufficient rights for this request, reason \\"User doesn\'t have rechten to perform activity for the given Id.\\""}',
    429: b'{"message":"Too many requests."}',
}
_ALLEO = {
    401: "Could not validate credentials",
    403: "Not enough permissions",
    404: "Not found",
    409: "Email address already exists",
    422: [{"loc": ["body"], "msg": "Value error, not accepted", "type": "value_error"}],
    423: "Locked",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
}


def refusal(vendor: str, status: int) -> tuple[str, bytes]:
    """Content type and body of a vendor's error."""
    if vendor == "loket":
        body = _LOKET.get(status, b"")
        return ("application/json; charset=utf-8" if body else "text/plain"), body
    if vendor == "alveno":
        text = f"<!DOCTYPE html><html><head><title>Request Error</title></head><body><p>Error {status}</p></body></html>"
        return "text/html", text.encode()
    if vendor == "alleo":
        return "application/json", orjson.dumps({"detail": _ALLEO.get(status, f"Error {status}")})
    error = {"code": f"error_{status}", "message": f"Error {status}.", "field": None}
    return "application/json", orjson.dumps({"error": error})


def spoiled(fault: str, body: bytes, gone: str) -> bytes:
    """The body with its list changed; a body without a list stays as it is."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    if isinstance(content, list):
        return _escaped_as(body, _changed(fault, content, gone))
    name = next((name for name in _LISTS if isinstance(content.get(name), list)), None)
    if name is None:
        return body
    rows = content[name]
    if fault == "page_repeated":
        # The rows are those of the page before; the envelope goes on counting.
        for number in ("currentPage", "page"):
            if number in content:
                content[number] += 1
        if "offset" in content:
            content["offset"] += content["limit"]
        return orjson.dumps(content)
    content[name] = _changed(fault, rows, gone)
    total = next((name for name in _TOTALS if name in content), None)
    if total and fault == "empty_list":
        content[total] = 0
    if total and fault == "employer_gone":
        content[total] -= len(rows) - len(content[name])
    if "totalPages" in content:
        content["totalPages"] = -(-content["totalSize"] // content["pageSize"])
    return orjson.dumps(content)


def _changed(fault: str, rows: list[Any], gone: str) -> list[Any]:
    if fault == "empty_list":
        return []
    if fault == "page_short":
        return rows[: len(rows) // 2]
    if fault == "page_repeated":
        half = rows[: (len(rows) + 1) // 2]
        return (half + half)[: len(rows)]
    return [
        row
        for row in rows
        if not (isinstance(row, dict) and gone in (str(row.get("id")), str(row.get("employer_id"))))
    ]


def _escaped_as(body: bytes, rows: list[Any]) -> bytes:
    content = orjson.dumps(rows)
    return content.replace(b"/", b"\\/") if b"\\/" in body else content
