"""The ready questions: one SELECT per file, its first line says what it answers."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib.resources import files

from people_transforms.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Query:
    """A ready question of `people-sync sql`."""

    name: str
    title: str
    sql: str


def list_queries() -> list[Query]:
    """List the ready questions by name."""
    found = files(__package__ or "people_transforms.publishing.queries")
    return sorted(
        (
            _read(path.name.removesuffix(".sql"), path.read_text("utf-8"))
            for path in found.iterdir()
            if path.name.endswith(".sql")
        ),
        key=lambda query: query.name,
    )


def find_query(name: str) -> Query:
    """Find a question; ConfigError names the nearest one there is."""
    known = {query.name: query for query in list_queries()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ConfigError(
        f"There is no ready query of that name.{hint}", name=name, names=" ".join(known)
    )


def _read(name: str, sql: str) -> Query:
    title = sql.partition("\n")[0].removeprefix("--").strip()
    return Query(name, title, sql)
