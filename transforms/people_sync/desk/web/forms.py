"""Forms: read within limits of size and time, and only those of a page that we gave out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

Form = list[tuple[str, str]]

SECONDS = 10.0
_LARGEST = 1 << 18
_MOST_FIELDS = 5000
_KIND = "application/x-www-form-urlencoded"


def csrf_of(token: str) -> str:
    """Derive the form token from the browser's token, which cannot be read back from it."""
    return hmac.new(token.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def may_be_own(request: Request, token: str) -> bool:
    """Tell, before its body is read, whether a form can come from a page of ours."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    is_elsewhere = request.headers.get("sec-fetch-site") == "cross-site"
    return bool(token) and not is_elsewhere and kind == _KIND


def is_own(form: Form, token: str) -> bool:
    """Tell whether a form carries the form token of this browser."""
    given = next((value for name, value in form if name == "csrf"), "")
    # As bytes: texts are compared only where both are ASCII, and a form may hold anything.
    return hmac.compare_digest(csrf_of(token).encode(), given.encode("utf-8", "replace"))


async def read_form(request: Request) -> Form | None:
    """Read a form; None where it is too large, too slow, cut off or no form at all."""
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > _LARGEST:
                    return None
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except (TimeoutError, ClientDisconnect, ValueError):
        return None
