"""From the vendor's rows to records under our stable names.

Column by column, a thousand rows at a time: a field more costs one list comprehension, not one
interpolation per record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo as TimeZone
from itertools import repeat
from typing import Any, Final
from unicodedata import normalize

import orjson

from source_alveno.answer import Row
from source_alveno.dates import UNREADABLE, DayReader
from source_alveno.field_names import KeyNames

Record = dict[str, Any]
Column = list[Any]

CHUNK: Final = 1000
_DAYS: Final = frozenset({"valid_from", "valid_to", "start_date"})
_FLAGS: Final = frozenset({"is_active", "is_disabled"})
_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})


class RecordMapper:
    """Map the rows of one list; `unreadable` tells which record has a date nobody can read."""

    def __init__(self, keys: KeyNames, zone: TimeZone) -> None:
        self._keys = keys
        self._days = DayReader(zone)
        self._convert = {name: self._converter(name) for name in keys.names}

    def chunks(self, rows: list[Row], **constants: object) -> Iterator[list[Record]]:
        """Yield the records in order, and empty `rows` on the way to give memory back."""
        names = (*self._keys.names, *constants)
        rows.reverse()
        while rows:
            part = rows[: -CHUNK - 1 : -1]
            del rows[-CHUNK:]
            columns = [
                self._column(part, ours, theirs) for ours, theirs in self._keys.names.items()
            ]
            values = zip(*columns, *map(repeat, constants.values()), strict=False)
            yield [dict(zip(names, row, strict=True)) for row in values]

    @property
    def has_unreadable(self) -> bool:
        return bool(self._days.unreadable)

    def unreadable(self, record: Record) -> list[str]:
        """The fields of a mapped record whose date could not be read."""
        bad = self._days.unreadable
        return [field for field in record if field in _DAYS and record[field] in bad]

    def _column(self, rows: list[Row], ours: str, theirs: str | None) -> Column:
        values = [None] * len(rows) if theirs is None else [row.get(theirs) for row in rows]
        return self._convert[ours](values)

    def _converter(self, field: str) -> Callable[[Column], Column]:
        if field in _DAYS:
            return self._days.read_all
        if field in _FLAGS:
            return lambda values: list(map(read_flag, values))
        return read_all_chips if field == "chip_numbers" else read_texts


def read_texts(values: Column) -> Column:
    """`read_text` of each, with the usual cases spelled out: a quarter of the time."""
    return [
        None
        if value is None
        else (value if value.isascii() else normalize("NFC", value)).strip() or None
        if type(value) is str
        else str(value)
        if type(value) is int
        else read_text(value)
        for value in values
    ]


def read_text(value: object) -> str | None:
    """Trim and compose a text (NFC); ids and numbers become text, never the other way round."""
    if isinstance(value, str):
        return normalize("NFC", value).strip() or None
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested hundreds deep
        return UNREADABLE.strip()


def read_all_chips(values: Column) -> Column:
    """`read_chips` of each, with the usual cases spelled out."""
    return [
        []
        if value is None
        else [value]
        if type(value) is str and value.isascii() and value.isalnum()
        else read_chips(value)
        for value in values
    ]


def read_chips(value: object) -> list[str]:
    """One chip number or a list of them; never split, never read as a number."""
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(text for item in values if (text := read_text(item))))


def read_flag(value: object) -> bool | str | None:
    """True or False; any other word stays a text, which whoever lands it sets aside."""
    if value is None or isinstance(value, bool):
        return value
    text = (read_text(value) or "").lower()
    if text in _TRUE:
        return True
    return False if text in _FALSE else text or None
