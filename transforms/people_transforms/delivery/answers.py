"""What a vendor answers, read so that no answer can do more than be wrong."""

from __future__ import annotations

import email.utils
import json
import math
import time
from collections.abc import Iterable
from typing import Any, Final

import orjson

from people_transforms.errors import AmbiguousError, RetryableError

# Far above any page of accounts; a body that inflates further is no answer.
MOST_BYTES: Final = 256 << 20
# With more digits a number is infinite to most parsers.
_LONGEST_INTEGER = 300


class TooLargeError(ValueError):
    """A body went on beyond `MOST_BYTES`."""


def whole_body(parts: Iterable[bytes]) -> bytes:
    """Join the parts of a body, but not without end: a few bytes can inflate to gigabytes.

    Raises TooLargeError.
    """
    found: list[bytes] = []
    size = 0
    for part in parts:
        found.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise TooLargeError("larger than an answer may be")
    return b"".join(found)


def unsettled(status: int, *, is_write: bool) -> type[RetryableError] | None:
    """Give the error of a status that settles nothing; None for a success or a refusal.

    Who is told to come later (425, 429) was not served; of other failures of a write nobody knows.
    """
    if status not in (408, 425, 429) and status < 500:
        return None
    return AmbiguousError if is_write and status not in (425, 429) else RetryableError


def unread(*, is_write: bool) -> type[RetryableError]:
    """Give the error of an answer that arrived and cannot be read."""
    return AmbiguousError if is_write else RetryableError


def parse_retry_after(text: str | None) -> float | None:
    """Read the seconds of a `Retry-After`, which may be an HTTP date; None for neither."""
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


def parse_json(body: bytes) -> Any:
    """Parse a body, also where one value of it is no JSON: NaN, half a surrogate pair.

    Raises ValueError for what is no JSON at all.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        loose = json.loads(
            body, parse_constant=lambda _: None, parse_float=_finite, parse_int=_integer_in_range
        )
        text = json.dumps(loose, ensure_ascii=False)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return orjson.loads(text.encode("utf-8", "replace"))


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _integer_in_range(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_INTEGER else None
