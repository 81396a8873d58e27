"""Values of Python as rows of SQL, many at once: one JSON parameter instead of many inserts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import orjson


def temporary_table(
    connection: duckdb.DuckDBPyConnection, name: str, lines: Sequence[Any], kinds: str
) -> None:
    """Make a temporary table of a list of dicts; `kinds` is the JSON structure DuckDB reads."""
    connection.execute(
        f"create or replace temp table {name} as "
        f"select unnest(from_json(?::json, '[{kinds}]'), recursive := true)",
        [orjson.dumps(list(lines)).decode()],
    )


def texts(*names: str) -> str:
    return "{" + ", ".join(f'"{name}": "VARCHAR"' for name in names) + "}"
