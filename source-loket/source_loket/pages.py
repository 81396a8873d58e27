"""From the body of an answer to rows, of `minimal` only what may leave the process; and the proof that
the pages of a list add up to the list.

A page is decoded into its listed fields (msgspec skips the rest unread). A body of another shape
than documented takes the slower way through dictionaries, with the same result.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
from people_connector.guard import parse_json

IDS_AT_ONCE = 200_000
# The citizen service number (the documented lists do not have it); \u may spell it.
_NEVER, _MAY_HIDE_IT = "citizenServiceNumber", re.compile(rb"citizenServiceNumber|\\u")

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT")

# What a value may be. The CDK prints no integer beyond 64 bits, so such a body is parsed loosely.
_Plain = None | bool | float | str | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Object = dict[str, _Plain | dict[str, _Plain]]
_Value = _Plain | _Object | list[_Plain | _Object]


class ListChanged(Exception):
    """The pages of a list do not add up to what Loket says it has: read again once."""


@dataclass(slots=True)
class Page:
    """One page of a list; `ids` tell its rows apart."""

    rows: list[dict[str, Any]]
    ids: list[str]
    total: int
    number: int | None = None
    pages: int | None = None
    obsolete_on: str | None = None


class PageParser:
    """`key`: what tells rows apart, none for a single object; `minimal`: what may leave besides."""

    def __init__(self, key: Sequence[str], minimal: Sequence[str] | None) -> None:
        self._key = [path.split(".") for path in key]
        self._tree: dict[str, Any] = {}
        self._decoder = None
        if minimal is None:
            return
        for path in [*key, *minimal]:
            node = self._tree
            for part in path.split("."):
                node = node.setdefault(part, {})
        if key:
            row = _typed("Row", self._tree, set(key))
            self._decoder = msgspec.json.Decoder(_envelope_of(row))

    def parse(self, body: bytes) -> Page:
        """KeyError, TypeError, ValueError, … for a body that is no whole list."""
        try:
            if self._decoder:
                answer = self._decoder.decode(body)
                return self._page_of(answer.rows or [], msgspec.structs.asdict(answer))
        except msgspec.DecodeError:
            pass  # another shape than documented, or no list at all
        return self._parse_loosely(body)

    def _parse_loosely(self, body: bytes) -> Page:
        answer = parse_json(body)
        if not self._key:
            return Page([dict(answer["content"].items())], [""], 1)
        page = self._page_of([dict(row.items()) for row in answer.get("_embedded") or []], answer)
        if self._tree:
            page.rows = [_picked(row, self._tree) for row in page.rows]
        elif _MAY_HIDE_IT.search(body):
            page.rows = [_without_bsn(row) for row in page.rows]
        return page

    def _page_of(self, rows: list[dict[str, Any]], answer: Mapping[str, Any]) -> Page:
        number, pages = (_count(answer.get(name)) for name in ("currentPage", "totalPages"))
        obsolete_on = (answer.get("version") or {}).get("obsoleteDate")
        return Page(rows, self._ids(rows), int(answer["totalSize"]), number, pages, obsolete_on)

    def _ids(self, rows: list[dict[str, Any]]) -> list[str]:
        if self._key == [["id"]]:
            ids = [row["id"] for row in rows]
            if None in ids:
                raise ValueError("no id")
            return list(map(str, ids))
        return [":".join(part for path in self._key for part in _at(row, path)) for row in rows]


def _typed(name: str, tree: Mapping[str, Any], key: set[str], path: str = "") -> Any:
    """Make the type of a row: its listed fields, all else is skipped by the parser."""
    fields: dict[str, Any] = {}
    for part, below in tree.items():
        if below:
            nested = _typed(f"{name}_{part}", below, key, f"{path}{part}.")
            fields[part] = NotRequired[nested | None]
        else:
            fields[part] = str if f"{path}{part}" in key else NotRequired[_Value]
    return TypedDict(name, fields)


def _envelope_of(row: Any) -> Any:
    fields: list[Any] = [
        ("totalSize", int),
        ("currentPage", int | None, None),
        ("totalPages", int | None, None),
        ("version", dict[str, str | None] | None, None),
        ("rows", list[row] | None, None),
    ]
    return msgspec.defstruct("Envelope", fields, rename={"rows": "_embedded"})


def _picked(value: Any, tree: Mapping[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_picked(one, tree) for one in value]
    # Something else than an object here has no documented meaning and might say too much.
    return (
        {part: _picked(value[part], below) for part, below in tree.items() if part in value}
        if isinstance(value, dict)
        else None
    )


def _without_bsn(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_bsn(below) for name, below in value.items() if name != _NEVER}
    return [_without_bsn(one) for one in value] if isinstance(value, list) else value


def _at(row: Any, path: Sequence[str]) -> Iterator[str]:
    """Give the texts at a path; an object on the way may be null or an array, its end may not."""
    value = row[path[0]]
    if len(path) == 1:
        if value is None:
            raise ValueError("no id")
        yield str(value)
        return
    for below in value if isinstance(value, list) else [] if value is None else [value]:
        yield from _at(below, path[1:])


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None


def days_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The days of a schema: None for a day, and those of an object below its name."""
    found: dict[str, Any] = {}
    for name, below in schema.get("properties", {}).items():
        if below.get("format") == "date":
            found[name] = None
        elif days := days_of(below):
            found[name] = days
    return found


def cut_days(holder: dict[str, Any], days: Mapping[str, Any]) -> None:
    """Cut what is a moment to its day, YYYY-MM-DD, never shifted by a time zone."""
    for name, below in days.items():
        value = holder.get(name)
        if value.__class__ is str:
            if below is None and len(value) > 10 and _DATE_TIME.match(value):
                holder[name] = value[:10]
        elif below and value.__class__ is dict:
            cut_days(value, below)


class Proof:
    """Counts the distinct ids of a list in 8 bytes each."""

    def __init__(self) -> None:
        self._hashes, self._pages, self._total = array("q"), 0, 0
        self._last_ids: list[str] = []

    def add(self, page: Page) -> None:
        self._pages += 1
        if page.number is not None and page.number != self._pages:
            raise ListChanged(f"page {page.number} came instead of page {self._pages}")
        if self._pages > 1 and page.total != self._total:
            raise ListChanged(f"the list had {self._total} records and now has {page.total}")
        if page.ids and page.ids == self._last_ids:  # for ever, if the total is as wrong
            raise ListChanged(f"page {self._pages} is the page before it once more")
        self._total, self._last_ids = page.total, page.ids
        self._hashes.extend(map(hash, page.ids))
        if len(self._hashes) > page.total:
            raise ListChanged(f"more than the {page.total} records of the list came")

    def finish(self) -> None:
        """Count in as many passes as keep the set small."""
        passes = 1 + len(self._hashes) // IDS_AT_ONCE
        distinct = sum(len({h for h in self._hashes if h % passes == n}) for n in range(passes))
        if distinct != self._total:
            raise ListChanged(f"{distinct} distinct records came of {self._total}")
