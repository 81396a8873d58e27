"""Airbyte messages as somebody's connector writes them: what is not where it belongs is not there."""

from __future__ import annotations

from typing import Any

import orjson


def parse(line: bytes) -> dict[str, Any] | None:
    """Parse one Airbyte message; None if it is not one."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) and "type" in message else None


def part(of: object, *path: str) -> dict[str, Any]:
    """Give the object at a path of keys; an empty one where there is none."""
    for key in path:
        of = of.get(key) if isinstance(of, dict) else None
    return of if isinstance(of, dict) else {}
