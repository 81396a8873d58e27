"""From the body of a list answer to Airbyte RECORD lines, without a Python object per value.

A page is decoded into structs that hold only the fields that may leave the process; their values
stay raw JSON (so no value is changed or lost), everything else is skipped by the parser. One
replace then puts the Airbyte envelope around all records of the page at once. A body of another
shape than documented takes the slower way through dictionaries, with the same result.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec
import orjson
from msgspec import UNSET, Raw

from source_loket.errors import BrokenBody

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_TIME = re.compile(rb"T\d\d:")
# The citizen service number: the documented lists do not have it, and it must not get through.
_NEVER = b'"citizenServiceNumber"'
# With more digits a number is infinite to most parsers.
LONGEST_INTEGER = 300
_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One page: what the envelope says, the ids, and the records as lines."""

    total: int
    number: int | None
    pages: int | None
    ids: list[str]
    lines: bytes
    obsolete_on: str | None = None


class RecordFormat:
    """How the records of one stream look on the way out."""

    def __init__(
        self,
        stream: str,
        *,
        fields: Sequence[str] | None,
        dates: Iterable[str] = (),
        is_own_employer: bool = False,
    ) -> None:
        """`fields`: dotted paths that may leave the process (None = all); `dates`: paths of days."""
        self.stream = stream
        self._is_own_employer = is_own_employer
        self._tree = _tree_of(["id", *fields]) if fields is not None else None
        self._dates = tuple(dates) if self._tree is None else _kept_dates(self._tree, dates)
        self._encoder = msgspec.json.Encoder()
        row: Any = _struct_of("Row", self._tree, self._dates) if self._tree else Raw
        self._rows = msgspec.json.Decoder(_envelope_of(row))
        self._ids = msgspec.json.Decoder(_envelope_of(_Identified))
        names = "|".join(sorted({path.rsplit(".", 1)[-1] for path in self._dates}))
        self._date_paths = [path.split(".") for path in self._dates]
        self._head = b'{"type":"RECORD","record":{"stream":%b,"data":' % orjson.dumps(stream)
        self._date_values = re.compile(rb'"(%b)"\s*:\s*"(\d{4}-\d\d-\d\d)T[^"]*"' % names.encode())

    def render(self, body: bytes, fixed: Mapping[str, Any]) -> Rendered:
        """Turn a page into lines; every record gets `fixed` and the page's total_size."""
        try:
            body = _compact(body)
            if self._tree is None and _NEVER in body:
                return self._render_dictionaries(body, fixed)
            return self._render(body, fixed)
        except msgspec.DecodeError:
            return self._render_dictionaries(body, fixed)

    def _render(self, body: bytes, fixed: Mapping[str, Any]) -> Rendered:
        if self._tree is None and self._dates and _TIME.search(body):
            body = self._date_values.sub(rb'"\1":"\2"', body)
        envelope = self._rows.decode(body)
        rows = envelope.rows or []
        if self._tree is None:
            ids = [row.id for row in self._ids.decode(body).rows or []]
            objects = [bytes(row) for row in rows]
        else:
            ids = [row.id for row in rows]
            for *parents, name in self._date_paths:
                _cut_structs(rows, parents, name)
            objects = self._encoder.encode_lines(rows).split(b"\n")[:-1]
        lines = self._frame(objects, ids, {"total_size": envelope.total, **fixed})
        obsolete = envelope.version.obsoleteDate if envelope.version else None
        return Rendered(envelope.total, envelope.number, envelope.pages, ids, lines, obsolete)

    def _render_dictionaries(self, body: bytes, fixed: Mapping[str, Any]) -> Rendered:
        envelope = read_envelope(body)
        ids: list[str] = []
        objects: list[bytes] = []
        for row in envelope.rows:
            if not isinstance(row, dict) or row.get("id") is None:
                raise BrokenBody("a record has no id")
            kept = _without_bsn(row) if self._tree is None else _pick(row, self._tree)
            for path in self._date_paths:
                _cut(kept, path)
            ids.append(str(row["id"]))
            objects.append(orjson.dumps(kept))
        lines = self._frame(objects, ids, {"total_size": envelope.total, **fixed})
        return Rendered(envelope.total, envelope.number, envelope.pages, ids, lines)

    def _frame(
        self, objects: Sequence[bytes], ids: Sequence[str], fixed: Mapping[str, Any]
    ) -> bytes:
        """Put the Airbyte envelope around the objects `{…}`, with `fixed` as their first keys."""
        if not objects:
            return b""
        head, tail = self._head + orjson.dumps(fixed)[:-1] + b",", _tail()
        if self._is_own_employer:
            own = [b'"employer_id":%b,' % orjson.dumps(employer_id) for employer_id in ids]
            inner = [one + row[1:] for one, row in zip(own, objects, strict=True)]
        else:
            inner = [row[1:] for row in objects]
        return head + (tail + head).join(inner) + tail

    def frame(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Put the Airbyte envelope around records that were made by hand."""
        tail = _tail()
        return b"".join(self._head + orjson.dumps(record) + tail for record in records)


@dataclass(frozen=True, slots=True)
class Envelope:
    total: int
    number: int | None
    pages: int | None
    rows: list[Any]


def read_envelope(body: bytes) -> Envelope:
    """Read a list answer into dictionaries; `BrokenBody` if it is none."""
    try:
        answer = parse_json(body)
        return Envelope(
            total=int(answer["totalSize"]),
            number=_integer(answer.get("currentPage")),
            pages=_integer(answer.get("totalPages")),
            rows=list(answer.get("_embedded") or []),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BrokenBody("an answer is not the list that Loket documents") from error


def parse_json(body: bytes) -> Any:
    """Parse, also what is no JSON but spoils one value only: NaN, half a surrogate pair."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        loose = json.loads(
            body, parse_constant=lambda _: None, parse_float=_finite, parse_int=_integer_in_range
        )
        return orjson.loads(json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"))


def _finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


def _integer_in_range(text: str) -> int | None:
    return int(text) if len(text) <= LONGEST_INTEGER else None


class _Identified(msgspec.Struct):
    id: str


class _Version(msgspec.Struct):
    obsoleteDate: str | None = None  # noqa: N815 - Loket's spelling


def _envelope_of(row: Any) -> Any:
    return msgspec.defstruct(
        "Envelope",
        [
            ("total", int),
            ("number", int | None, None),
            ("pages", int | None, None),
            ("version", _Version | None, None),
            ("rows", list[row] | None, None),
        ],
        rename={
            "total": "totalSize",
            "number": "currentPage",
            "pages": "totalPages",
            "rows": "_embedded",
        },
    )


def _struct_of(name: str, tree: _Tree, dates: Sequence[str], path: str = "") -> Any:
    fields: list[tuple[Any, ...]] = []
    for key, below in tree.items():
        here = f"{path}{key}"
        if below:
            nested = _struct_of(f"{name}_{key}", below, dates, f"{here}.")
            fields.append((key, nested | None | msgspec.UnsetType, UNSET))
        elif here == "id":
            fields.append((key, str))
        elif here in dates:
            fields.append((key, Any, UNSET))
        else:
            # Raw: neither parsed nor written again, so the value arrives exactly as it was sent.
            fields.append((key, Raw, UNSET))
    return msgspec.defstruct(name, fields)


def _tree_of(paths: Iterable[str]) -> _Tree:
    tree: _Tree = {}
    for path in paths:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return tree


def _kept_dates(tree: _Tree, dates: Iterable[str]) -> tuple[str, ...]:
    def is_kept(path: str) -> bool:
        node: Any = tree
        for part in path.split("."):
            if part not in node:
                return False
            node = node[part]
        return not node

    return tuple(path for path in dates if is_kept(path))


def _pick(row: Mapping[str, Any], tree: _Tree) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for key, below in tree.items():
        if key not in row:
            continue
        value = row[key]
        if below:
            # Something else than an object here has no documented meaning and might say too much.
            picked[key] = _pick(value, below) if isinstance(value, dict) else None
        else:
            picked[key] = value
    return picked


def _without_bsn(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_bsn(v) for k, v in value.items() if k != "citizenServiceNumber"}
    return value


def _cut(record: Any, path: Sequence[str]) -> None:
    for part in path[:-1]:
        record = record.get(part) if isinstance(record, dict) else None
    value = record.get(path[-1]) if isinstance(record, dict) else None
    if isinstance(value, str) and _DATE_TIME.match(value):
        record[path[-1]] = value[:10]


def _cut_structs(rows: Sequence[Any], parents: Sequence[str], name: str) -> None:
    for row in rows:
        holder = row
        for parent in parents:
            holder = getattr(holder, parent, None)
        value = getattr(holder, name, None)
        if value.__class__ is str and len(value) > 10 and _DATE_TIME.match(value):
            setattr(holder, name, value[:10])


def _tail() -> bytes:
    return b',"emitted_at":%d}}\n' % int(time.time() * 1000)


def _compact(body: bytes) -> bytes:
    """Make sure that the bytes are text, on one line."""
    try:
        if not body.isascii():
            body.decode("utf-8")
        if b"\n" in body or b"\r" in body:
            return msgspec.json.format(body, indent=-1)
    except UnicodeDecodeError as error:
        raise BrokenBody("an answer is not UTF-8 text") from error
    return body


def _integer(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None
