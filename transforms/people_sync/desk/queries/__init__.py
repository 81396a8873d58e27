"""The questions that the desk's pages ask of a published store, one SELECT per file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def ask(connection: duckdb.DuckDBPyConnection, name: str, **values: object) -> list[dict[str, Any]]:
    """Ask one question; gives rows by column name. Only the values it names are bound."""
    sql = _text(name)
    bound = {key: value for key, value in values.items() if f"${key}" in sql}
    result = connection.execute(sql, bound)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@cache
def _text(name: str) -> str:
    return files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
