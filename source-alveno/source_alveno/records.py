"""From the vendor's rows to records under our stable names.

One plain loop per list: a field more costs one entry in `field_names`, not one interpolation
per record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo as TimeZone
from typing import Any
from unicodedata import normalize

import orjson

from source_alveno.answer import Row
from source_alveno.dates import DayReader
from source_alveno.field_names import KeyNames

Record = dict[str, Any]
Convert = Callable[[object], object]

_DAYS = frozenset({"valid_from", "valid_to", "start_date"})
_FLAGS = frozenset({"is_active", "is_disabled"})
_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"})


class RecordMapper:
    """Map the rows of one list; `unreadable` tells which record has a date nobody can read."""

    def __init__(self, keys: KeyNames, zone: TimeZone) -> None:
        self._days = DayReader(zone)
        self._columns: list[tuple[str, str, Convert]] = []
        self._empty: Record = {}
        for ours, theirs in keys.names.items():
            convert = self._convert(ours)
            self._empty[ours] = convert(None)
            if theirs is not None:
                self._columns.append((ours, theirs, convert))

    def records(self, rows: list[Row], **constants: object) -> Iterator[Record]:
        """Yield a record per row, in order, and empty `rows` on the way to give memory back."""
        columns = self._columns
        template = {**self._empty, **constants}
        rows.reverse()
        while rows:
            get = rows.pop().get
            record = template.copy()
            for ours, theirs, convert in columns:
                value = get(theirs)
                if value is not None:
                    record[ours] = convert(value)
            yield record

    def unreadable(self, record: Record) -> list[str]:
        """The fields of a mapped record whose date could not be read."""
        bad = self._days.unreadable
        if not bad:
            return []
        return [field for field in _DAYS if field in record and record[field] in bad]

    def _convert(self, field: str) -> Convert:
        if field in _DAYS:
            return self._days.read
        if field in _FLAGS:
            return read_flag
        return read_chips if field == "chip_numbers" else read_text


def read_text(value: object) -> str | None:
    """Trim and compose a text (NFC); ids and numbers become text, never the other way round."""
    if type(value) is str:
        text = value.strip()
        if text.isascii():
            return text or None
        return normalize("NFC", text)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return orjson.dumps(value).decode()


def read_chips(value: object) -> list[str]:
    """One chip number or a list of them; never split, never read as a number."""
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
