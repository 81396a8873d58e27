"""Values of Python as rows of SQL, many at once: one JSON parameter instead of many inserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson


def rows_of(*names: str) -> str:
    """Compose a subselect of the JSON list bound as `$lines`: one text column per name.

    Every object of the list must have every name; null stays null.
    """
    columns = ", ".join(f'"{name}": "VARCHAR"' for name in names)
    # Parsed once: a path per column would read the whole text for each.
    return f"(select unnest(from_json($lines::json, '[{{{columns}}}]'), recursive := true))"


def as_lines(lines: Sequence[Mapping[str, Any]]) -> str:
    """Write values as the text that is bound as `$lines`."""
    return orjson.dumps(lines, default=str).decode()
