"""Hold one collection of wire records, made from a seed on first look, changed like any other.

A million people fit because a row is either a small reference, from which the record is made
whenever somebody asks, or a record that was changed, added or put.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Protocol

from people_sandbox.errors import UnknownRecordError

Record = dict[str, Any]
Reference = tuple[Any, ...]

_VIEWS = 64


class Maker(Protocol):
    """Makes the records of one collection from references."""

    def references(self) -> Iterator[tuple[str, Reference]]:
        """Yield (key, reference) of every record, in the vendor's own order."""
        ...

    def link(self, reference: Reference, name: str) -> str:
        """Tell what a record links to without making it."""
        ...

    def record(self, reference: Reference) -> Record:
        """Make the whole record, link keys included."""
        ...


class Table:
    """Records by key, in order; ``links`` are dotted paths, those without a dot never go on the wire."""

    def __init__(self, name: str, key: str, links: tuple[str, ...], maker: Maker | None) -> None:
        self.name = name
        self.key = key
        self.links = links
        self.version = 0
        self._maker = maker
        self._made: dict[str, Record | Reference] | None = None
        self._views: dict[Hashable, Any] = {}
        self._indexes: dict[str, dict[str, list[str]]] = {}
        self._ids: list[str] | None = None

    @property
    def _rows(self) -> dict[str, Record | Reference]:
        if self._made is None:
            self._made = dict(self._maker.references()) if self._maker else {}
        return self._made

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def ids(self, link: str | None = None, value: str = "") -> list[str]:
        """List the keys, or those whose ``link`` is ``value``; the list must not be changed."""
        if link is None:
            if self._ids is None:
                self._ids = list(self._rows)
            return self._ids
        if link not in self._indexes:
            self._indexes[link] = self._index(link)
        return self._indexes[link].get(value, [])

    def _index(self, link: str) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for key in self._rows:
            index.setdefault(self.linked(key, link), []).append(key)
        return index

    def linked(self, key: str, link: str) -> str:
        row = self._rows[key]
        if isinstance(row, tuple):
            assert self._maker is not None
            return self._maker.link(row, link)
        return str(look_up(row, link))

    def get(self, key: str) -> Record:
        """The whole record, link keys included; a copy only where it was made just now."""
        row = self._rows.get(key)
        if row is None:
            raise UnknownRecordError(f"{self.name} has no record {key!r}.")
        if isinstance(row, tuple):
            assert self._maker is not None
            return self._maker.record(row)
        return row

    def wire(self, key: str) -> Record:
        """The record as the vendor sends it."""
        record = self.get(key)
        hidden = [link for link in self.links if "." not in link and link in record]
        if not hidden:
            return record
        return {name: value for name, value in record.items() if name not in hidden}

    def records(self) -> Iterator[Record]:
        return (self.get(key) for key in self._rows)

    def put(self, records: Iterable[Record]) -> None:
        """Replace everything."""
        rows: dict[str, Record | Reference] = {}
        for record in records:
            rows[self._free_key(record, rows)] = record
        self._made = rows
        self._forget_order()

    def add(self, record: Record) -> str:
        key = self._free_key(record, self._rows)
        self._rows[key] = record
        # Indexes grow with the table: a night at a million people adds thousands.
        if self._ids is not None:
            self._ids.append(key)
        for link, index in self._indexes.items():
            index.setdefault(self.linked(key, link), []).append(key)
        self.touch()
        return key

    def _free_key(self, record: Record, rows: dict[str, Record | Reference]) -> str:
        # Two records with one id are a case that tests want on the wire; inside they stay two.
        key = str(record.get(self.key, f"{self.name}-{len(rows)}"))
        while key in rows:
            key += "'"
        return key

    def patch(self, key: str, fields: Record) -> Record:
        """Merge fields into one record, nested objects too, and return it."""
        record = merge(self.get(key), fields)
        places = [self.linked(key, link) for link in self._indexes]
        self._rows[key] = record
        if places != [self.linked(key, link) for link in self._indexes]:
            self._indexes.clear()
        self.touch()
        return record

    def remove(self, key: str) -> None:
        if self._rows.pop(key, None) is None:
            raise UnknownRecordError(f"{self.name} has no record {key!r}.")
        self._forget_order()

    def _forget_order(self) -> None:
        self._ids = None
        self._indexes.clear()
        self.touch()

    def touch(self) -> None:
        """Forget what was derived from the rows."""
        self.version += 1
        self._views.clear()

    def view(self, name: Hashable, build: Callable[[], Any]) -> Any:
        """Derive something from the rows once until they change."""
        if name not in self._views:
            if len(self._views) >= _VIEWS:
                self._views.clear()
            self._views[name] = build()
        return self._views[name]


def look_up(record: Record, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def merge(record: Record, fields: Record) -> Record:
    """A new record with ``fields`` laid over ``record``, object by object."""
    merged = dict(record)
    for name, value in fields.items():
        old = merged.get(name)
        merged[name] = (
            merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged
