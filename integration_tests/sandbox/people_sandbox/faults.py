"""The fault menu: an application around the vendors that spoils chosen calls.

Faults come in three kinds: an answer instead of the vendor's (the vendor does nothing), the vendor's
answer lost or changed on its way (the vendor did it), and a changed question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from people_sandbox import connections
from people_sandbox.errors import WrongRequestError
from people_sandbox.fault_bodies import HTML, refusal, spoiled
from people_sandbox.requests_log import Call, RequestLog, vendor_and_path

_INSTEAD = {
    "too_many_requests": 429,
    "too_many_requests_no_header": 429,
    "server_error": 500,
    "unavailable": 503,
    "expired_token": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "unprocessable": 422,
    "locked": 423,
    "html_error": 502,
    "html_200": 200,
}
_SPOILED = ("page_short", "page_repeated", "empty_list", "employer_gone")
_CUT = ("reset_before", "reset_after", "timeout_before", "timeout_after", "half_body")
NAMES = (*_INSTEAD, *_CUT, *_SPOILED)

_VENDORS = ("loket", "alveno", "alleo", "lunchdrive")
_PAGES = {"pagenumber": "pagesize", "page": "per_page", "skip": "limit", "offset": "limit"}


@dataclass(slots=True)
class Fault:
    """One fault that is switched on; ``left`` counts down, None never does."""

    vendor: str
    name: str
    match: str
    left: int | None
    after: int
    seconds: float
    retry_after: float | None
    employer_id: str | None

    def wants(self, method: str, path: str, query: str) -> bool:
        is_token = path.startswith("/oauth/")
        if is_token and "oauth" not in self.match and "token" not in self.match:
            return False  # a fault of the API must be asked for by name to hit the token call
        return any(
            fnmatchcase(text, self.match)
            for text in (f"{method} {path}", path, f"{method} {path}?{query}")
        )


def parse_fault(asked: dict[str, Any]) -> Fault:
    """Read a fault from a control request."""
    vendor, name = asked.get("vendor"), asked.get("fault")
    if vendor not in _VENDORS:
        raise WrongRequestError(f"'vendor' must be one of {', '.join(_VENDORS)}.")
    if name not in NAMES:
        raise WrongRequestError(f"There is no fault {name!r}: take one of {', '.join(NAMES)}.")
    known = ("vendor", "fault", "match", "times", "after", "seconds", "retry_after", "employer_id")
    unknown = [key for key in asked if key not in known]
    if unknown:
        raise WrongRequestError(f"A fault has no option {unknown[0]!r}; it has {', '.join(known)}.")
    times = asked.get("times", None if name == "employer_gone" else 1)
    return Fault(
        vendor=vendor,
        name=str(name),
        match=str(asked.get("match") or "*"),
        left=None if times is None else int(times),
        after=int(asked.get("after") or 0),
        seconds=float(asked.get("seconds") or 30),
        retry_after=asked.get("retry_after"),
        employer_id=str(asked["employer_id"]) if asked.get("employer_id") is not None else None,
    )


class Faults:
    """Logs every vendor call and spoils those that a fault was asked for."""

    def __init__(
        self,
        app: ASGIApp,
        log: RequestLog,
        revoke: Mapping[str, Callable[[str], None]],
        first_employer: Callable[[str], str],
    ) -> None:
        self._app = app
        self._log = log
        self._revoke = revoke
        self._first_employer = first_employer
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        vendor, path = vendor_and_path(scope.get("path", ""))
        if scope["type"] != "http" or not vendor:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        call = self._log.open(vendor, scope["method"], path, query)
        send = _noting(call, send)
        fault = self._take(vendor, scope["method"], path, query) if self._faults else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        call.fault = fault.name
        await self._carry_out(fault, path, scope, receive, send)

    def _take(self, vendor: str, method: str, path: str, query: str) -> Fault | None:
        """The first fault that wants this call; each counts the calls it sees."""
        for fault in list(self._faults):
            if fault.vendor != vendor or not fault.wants(method, path, query):
                continue
            if (
                fault.name == "page_repeated"
                and _earlier_page(query) is None
                and vendor != "alveno"
            ):
                continue  # the first page has none before it
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.left is not None:
                fault.left -= 1
                if fault.left <= 0:
                    self._faults.remove(fault)
            return fault
        return None

    async def _carry_out(
        self, fault: Fault, path: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.name in _INSTEAD:
            self._expire(fault, scope)
            await _answer_instead(fault, send)
        elif fault.name in ("reset_before", "timeout_before"):
            await _hang_up(fault, scope, receive)
        elif fault.name in ("reset_after", "timeout_after"):
            await _captured(self._app, scope, receive)
            await _hang_up(fault, scope, receive)
        elif fault.name == "half_body":
            status, headers, body = await _captured(self._app, scope, receive)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send(
                {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            )
            connections.close(scope)
            await _until_gone(receive)
        else:
            await self._spoil(fault, path, scope, receive, send)

    def _expire(self, fault: Fault, scope: Scope) -> None:
        if fault.name == "expired_token" and fault.vendor in self._revoke:
            headers = dict(scope["headers"])
            self._revoke[fault.vendor](headers.get(b"authorization", b"").decode("latin-1"))

    async def _spoil(
        self, fault: Fault, path: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        query = scope["query_string"].decode("latin-1")
        gone = fault.employer_id or (
            self._first_employer(fault.vendor) if fault.name == "employer_gone" else ""
        )
        is_account = fault.vendor == "alveno"  # there the account is the employer
        if fault.name == "employer_gone" and (is_account or gone in path.split("/")):
            await _answer_instead(fault, send, 404 if fault.vendor == "lunchdrive" else 403)
            return
        if fault.name == "page_repeated":
            scope = {**scope, "query_string": (_earlier_page(query) or query).encode("latin-1")}
        status, headers, body = await _captured(self._app, scope, receive)
        content = spoiled(fault.name, body, gone) if status == 200 else body
        kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        kept.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": kept})
        await send({"type": "http.response.body", "body": content})


def _noting(call: Call, send: Send) -> Send:
    async def noted(message: Any) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
        await send(message)

    return noted


async def _answer_instead(fault: Fault, send: Send, status: int | None = None) -> None:
    status = status or _INSTEAD[fault.name]
    is_html = fault.name in ("html_200", "html_error")
    kind, body = ("text/html", HTML) if is_html else refusal(fault.vendor, status)
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    retry_after = fault.retry_after
    if fault.name == "too_many_requests" and retry_after is None:
        retry_after = 1
    if retry_after is not None and fault.name in (
        "too_many_requests",
        "unavailable",
        "server_error",
    ):
        headers.append((b"retry-after", f"{retry_after:g}".encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _captured(
    app: ASGIApp, scope: Scope, receive: Receive
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Let the vendor answer and keep the answer here."""
    start: dict[str, Any] = {}
    parts: list[bytes] = []

    async def keep(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return int(start["status"]), list(start["headers"]), b"".join(parts)


async def _hang_up(fault: Fault, scope: Scope, receive: Receive) -> None:
    if fault.name.startswith("timeout"):
        await _within(fault.seconds, _until_gone(receive))
    connections.reset(scope)
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _within(seconds: float, waiting: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(waiting, seconds)
    except TimeoutError:
        return


def _earlier_page(query: str) -> str | None:
    """The query of the page before; None where there is none."""
    parts = [part.partition("=") for part in query.split("&") if part]
    values = {name.casefold(): value for name, _, value in parts}
    for index, (name, _, value) in enumerate(parts):
        size_name = _PAGES.get(name.casefold())
        if size_name is None or not value.isdigit():
            continue
        counts_rows = size_name == "limit"
        step = int(values.get("limit", "30")) if counts_rows else 1
        if int(value) < (step if counts_rows else 2):
            return None
        parts[index] = (name, "=", str(int(value) - step))
        return "&".join("".join(part) for part in parts)
    return None
