"""Remember which vendor calls were made, so that a test can count them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_KEPT = 1_000_000
_WRITES = ("POST", "PATCH", "PUT", "DELETE")

MOUNTS = (
    ("loket", "/loket/v2"),
    ("loket", "/loket"),
    ("alveno", "/alveno/v1/RESTAPIService.svc"),
    ("alveno", "/alveno/hr/api/external/v1"),
    ("alleo", "/alleo/customer_api/v1"),
    ("lunchdrive", "/lunchdrive/api"),
)


def vendor_and_path(path: str) -> tuple[str, str]:
    """Split a path into the vendor and what lies below its mount; no vendor for the control side."""
    for vendor, mount in MOUNTS:
        if path.startswith(mount + "/") or path == mount:
            return vendor, path[len(mount) :] or "/"
    return "", path


def is_write(vendor: str, method: str, path: str) -> bool:
    """Whether a call can change something at the vendor; token calls and pings cannot."""
    return (
        method in _WRITES
        and not path.startswith("/oauth/")
        and not (vendor == "alveno" and path == "/echo")
    )


@dataclass(slots=True)
class Call:
    """One vendor call; ``status`` stays None when no answer was sent."""

    n: int
    vendor: str
    method: str
    path: str
    query: str
    at: float
    status: int | None = None
    fault: str | None = None


class RequestLog:
    """The last million calls, in order."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._number = 0

    def open(self, vendor: str, method: str, path: str, query: str) -> Call:
        self._number += 1
        call = Call(self._number, vendor, method, path, query, time.time())
        self._calls.append(call)
        return call

    def clear(self) -> None:
        self._calls.clear()

    def listed(self, vendor: str | None, writes: bool | None) -> list[dict[str, Any]]:
        found = []
        for call in self._calls:
            write = is_write(call.vendor, call.method, call.path)
            if (vendor and call.vendor != vendor) or (writes is not None and write is not writes):
                continue
            at = datetime.fromtimestamp(call.at, UTC).isoformat()
            found.append(
                {
                    "n": call.n, "vendor": call.vendor, "method": call.method, "path": call.path, "query": call.query,
                    "status": call.status, "is_write": write, "fault": call.fault, "at": at,
                }
            )  # fmt: skip
        return found
