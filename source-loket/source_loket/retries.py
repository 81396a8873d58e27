"""Repeating a call that Loket could not answer now: `Retry-After` first, exponential otherwise.

An outage is remembered: once one call has used up its attempts, the calls after it get only two,
so that a night in which Loket is down ends within minutes, not after hours of waiting.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TypeVar

import requests

from source_loket.errors import BrokenBody, transient_error

LONGEST_WAIT = 120.0
_ATTEMPTS = 6
_ATTEMPTS_IN_OUTAGE = 2
_TEMPORARY = frozenset({408, 425, 429})

T = TypeVar("T")
_log = logging.getLogger("airbyte.source-loket")


class Temporary(Exception):
    """This attempt failed, the next may not. `retry_after` in seconds, if Loket named a time."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


@dataclass(slots=True)
class Retries:
    """How often and how long to wait; shared by all threads of a process."""

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    wait: Callable[[float], None] = time.sleep
    _in_outage: bool = field(default=False, init=False)

    @property
    def timeouts(self) -> tuple[float, float]:
        return self.connect_timeout, self.read_timeout

    def run(self, what: str, attempt: Callable[[], T]) -> T:
        """Call until it works; a `transient_error` when it did not after the last attempt."""
        for number in range(1, _ATTEMPTS + 1):
            try:
                result = attempt()
            except (Temporary, BrokenBody, requests.RequestException) as error:
                reason = _reason(error)
                if number >= (_ATTEMPTS_IN_OUTAGE if self._in_outage else _ATTEMPTS):
                    self._in_outage = True
                    raise transient_error(
                        f"Loket could not be read: {reason} ({what}, {number} attempts). Run again later."
                    ) from error
                seconds = _seconds_to_wait(number, error)
                _log.info("%s (%s). Trying again in %.1f s.", reason, what, seconds)
                self.wait(seconds)
            else:
                self._in_outage = False
                return result
        raise AssertionError("unreachable")

    def raise_if_temporary(self, response: requests.Response) -> None:
        status = response.status_code
        if status in _TEMPORARY or status >= 500:
            raise Temporary(f"Loket answered {status}", _retry_after(response))


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "Loket did not answer in time"
    if isinstance(error, requests.RequestException):
        # The text of the exception holds URLs and host names only in part: the kind says enough.
        return f"the connection to Loket failed ({type(error).__name__})"
    return str(error)


def _seconds_to_wait(number: int, error: Exception) -> float:
    if isinstance(error, Temporary) and error.retry_after is not None:
        return min(max(error.retry_after, 0.0), LONGEST_WAIT)
    return float(2 ** (number - 1)) * random.uniform(0.8, 1.2)


def _retry_after(response: requests.Response) -> float | None:
    """Read the header as seconds or as a date."""
    said = response.headers.get("Retry-After", "").strip()
    if not said:
        return None
    try:
        seconds = float(said)
        return seconds if isfinite(seconds) else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - datetime.now(UTC)).total_seconds()
