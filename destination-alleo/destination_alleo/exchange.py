"""What this thread last asked and was answered: facts that the SDK's errors do not keep."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from people_transforms.delivery.answers import TooLargeError, parse_retry_after, whole_body

TOKEN_PATH = b"/oauth/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and, once its head arrived, the answer to it."""

    is_token: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def retry_after(self) -> float | None:
        # The SDK knows only seconds.
        return parse_retry_after(self.headers.get("retry-after"))

    @property
    def request_id(self) -> str | None:
        return _printable(self.headers.get("x-request-id"))


_READ = httpx.ByteStream(b"")
_NOT_ANSWERED = Exchange()
_NO_TOKEN_YET = Exchange(is_token=True)


class ExchangeLog(threading.local):
    """Follows the HTTP client through its hooks, per thread."""

    last = _NOT_ANSWERED

    def clear(self) -> None:
        self.last = _NOT_ANSWERED

    def asked(self, request: httpx.Request) -> None:
        is_token = request.url.raw_path.endswith(TOKEN_PATH)
        self.last = _NO_TOKEN_YET if is_token else _NOT_ANSWERED

    def answered(self, response: httpx.Response) -> None:
        self.last = Exchange(
            is_token=self.last.is_token,
            status=response.status_code,
            # Each look into httpx's own would go through all of them.
            headers={
                name.lower().decode("latin-1"): value.decode("latin-1")
                for name, value in response.headers.raw
            },
        )


def read_body(response: httpx.Response) -> None:
    """Read the body as httpx does, but not without end."""
    try:
        response._content = whole_body(response.iter_bytes())
    except TooLargeError as error:
        response.close()
        raise httpx.DecodingError(str(error), request=response.request) from None
    # It refers to the answer and the answer to it: only a search for garbage would find the two.
    response.stream = _READ


def _printable(text: str | None) -> str | None:
    return (
        "".join(letter for letter in text if letter.isalnum() or letter in "-_.")[:64]
        if text
        else None
    )
