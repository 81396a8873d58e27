"""The STATE lines that go back: byte for byte, but for the count of people whom the vendor refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

# People are this stream's records, so what is refused of them is told with its states.
_STREAM = "employees"


def with_rejected(lines: Sequence[bytes], rejected: int) -> list[bytes]:
    """Tell Airbyte in `destinationStats` how many records were refused.

    What is told adds up to `sourceStats`: a state counts the records since the one before it. Where
    nothing was refused no line is touched.
    """
    if not rejected:
        return list(lines)
    parsed = [_parsed(line) for line in lines]
    places = [n for n, message in enumerate(parsed) if _stream_of(message) == _STREAM]
    if not places:
        places = [n for n, message in enumerate(parsed) if message is not None][-1:]
    told = list(lines)
    left = rejected
    for number in reversed(places):
        state = parsed[number]["state"]
        sent = (state.get("sourceStats") or {}).get("recordCount")
        here = left if sent is None else min(left, int(sent))
        left -= here
        state["destinationStats"] = {
            **({} if sent is None else {"recordCount": float(sent - here)}),
            "rejectedRecordCount": float(here),
        }
        told[number] = orjson.dumps(parsed[number])
    return told


def _parsed(line: bytes) -> Any:
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message.get("state"), dict) else None


def _stream_of(message: Any) -> str | None:
    stream = (message or {}).get("state", {}).get("stream") or {}
    name = (stream.get("stream_descriptor") or {}).get("name")
    return name if isinstance(name, str) else None
