"""The ready questions: one SELECT per file, its first line says what it answers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
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
    found = files(__package__ or "people_sync.queries")
    return sorted(
        (
            _read(path.name.removesuffix(".sql"), path.read_text("utf-8"))
            for path in found.iterdir()
            if path.name.endswith(".sql")
        ),
        key=lambda query: query.name,
    )


def find_query(name: str, language: str = "en") -> Query:
    """Find a question, with the words of a language; ConfigError names the nearest one there is."""
    known = {query.name: query for query in list_queries()}
    if name in known:
        query = known[name]
        sql = query.sql.replace("reason_en", f"reason_{language}")
        return Query(name, query.title, sql.replace("what_en", f"what_{language}"))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ConfigError(
        f"There is no ready query of that name.{hint}", name=name, names=" ".join(known)
    )


def filtered(
    sql: str, columns: Sequence[str], filters: Iterable[str]
) -> tuple[str, dict[str, str]]:
    """Narrow a question to rows whose columns contain a text, whatever the case and accents.

    A filter is `column=text`; `name` means the person. Raises ConfigError for any other column.
    """
    conditions, values = [], {}
    for number, one in enumerate(filters):
        column, _, text = one.partition("=")
        column = {"name": "person"}.get(column.strip(), column.strip())
        if column not in columns or not text:
            raise ConfigError(
                "Give `--where` a column of this query, = and a text.",
                where=one,
                columns=" ".join(columns),
            )
        plain = "strip_accents(lower({}))"
        conditions.append(
            f"contains({plain.format(f'asked.{column}::varchar')}, {plain.format(f'$v{number}')})"
        )
        values[f"v{number}"] = text.strip()
    if not conditions:
        return sql, values
    return f"select * from (\n{sql}\n) as asked where {' and '.join(conditions)}", values  # noqa: S608


def _read(name: str, sql: str) -> Query:
    title = sql.partition("\n")[0].removeprefix("--").strip()
    return Query(name, title, sql)
