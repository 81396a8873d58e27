"""What this thread last asked and was answered: facts that the SDK's errors do not keep."""

from __future__ import annotations

import email.utils
import math
import threading
import time
from dataclasses import dataclass

import httpx
from people_transforms.delivery.answers import MOST_BYTES

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and, once its head arrived, the answer to it."""

    is_token: bool = False
    status: int | None = None
    retry_after: float | None = None
    request_id: str | None = None


class ExchangeLog(threading.local):
    """Follows the HTTP client through its hooks, per thread."""

    last = Exchange()

    def clear(self) -> None:
        self.last = Exchange()

    def asked(self, request: httpx.Request) -> None:
        self.last = Exchange(is_token=request.url.path.endswith(TOKEN_PATH))

    def answered(self, response: httpx.Response) -> None:
        self.last = Exchange(
            is_token=self.last.is_token,
            status=response.status_code,
            retry_after=parse_retry_after(response.headers.get("Retry-After")),
            request_id=_printable(response.headers.get("X-Request-ID")),
        )


def parse_retry_after(text: str | None) -> float | None:
    """Read seconds or an HTTP date; the SDK knows only seconds."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def read_body(response: httpx.Response) -> None:
    """Read the body as httpx does, but not without end: a few bytes can inflate to gigabytes."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            response.close()
            raise httpx.DecodingError("larger than an answer may be", request=response.request)
    response._content = b"".join(parts)


def _printable(text: str | None) -> str | None:
    return (
        "".join(letter for letter in text if letter.isalnum() or letter in "-_.")[:64]
        if text
        else None
    )
