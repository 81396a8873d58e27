"""What a vendor answers, read so that no answer can do more than be wrong."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import orjson

# Far above any page of accounts; a body that inflates further is no answer.
MOST_BYTES: Final = 256 << 20
# With more digits a number is infinite to most parsers.
_LONGEST_INTEGER = 300


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
