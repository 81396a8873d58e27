"""Turn the dates an Alveno answer can hold into days.

`/Date(1735686000000+0100)/` is an instant: milliseconds since 1970-01-01 UTC, its offset says
nothing (msdn bb412170). Midnight in Prague is 23:00 or 22:00 UTC of the day before, so the day is
taken in the account's zone, or every first and last day would be one day early.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import tzinfo as TimeZone
from typing import Final

# What .NET writes where it has no date: DateTime.MinValue and DateTime.MaxValue.
FIRST_YEAR: Final = 2
LAST_YEAR: Final = 9998

UNREADABLE: Final = "unreadable: "

_DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The whole range of a .NET DateTime, and a day on both sides for its local kinds.
_LOWEST_MS: Final = -62_135_596_800_000 - _DAY_MS
_HIGHEST_MS: Final = 253_402_300_799_999 + _DAY_MS
# Inside these two an instant can be moved to any zone without leaving datetime's range.
_FIRST_MS: Final = _LOWEST_MS + 3 * _DAY_MS
_LAST_MS: Final = _HIGHEST_MS - 3 * _DAY_MS

_WCF = re.compile(r"\\?/Date\(([+-]?[0-9]{1,18})(?:[+-][0-9]{4})?\)\\?/")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r" ?(Z|z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_CZECH = re.compile(
    r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)


def parse_day(value: object, zone: TimeZone) -> date | None:
    """Return the day a date value means in `zone`, or None where it says "no date".

    Raises ValueError for anything that is no date: a lost end date would keep a leaver.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("not a date")
    text = value.strip()
    if not text:
        return None
    if found := _WCF.fullmatch(text):
        return _day_of_instant(int(found[1]), zone)
    if found := _ISO.fullmatch(text):
        return _day_of_iso(found, zone)
    if found := _CZECH.fullmatch(text):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    raise ValueError("not a date")


def _day_of_instant(milliseconds: int, zone: TimeZone) -> date | None:
    if not _LOWEST_MS <= milliseconds <= _HIGHEST_MS:
        raise ValueError("not a date")
    if not _FIRST_MS <= milliseconds <= _LAST_MS:
        return None
    moment = (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone)
    return _day(moment.year, moment.month, moment.day)


def _day_of_iso(found: re.Match[str], zone: TimeZone) -> date | None:
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    offset = found[7]
    if _is_no_date(year):
        return None
    # Also for a value without an offset: 25:00 is not a time of any day.
    moment = datetime(year, month, day, int(found[4] or 0), int(found[5] or 0), int(found[6] or 0))  # noqa: DTZ001
    if offset is None:
        return moment.date()
    if offset not in ("Z", "z"):
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        shift = timedelta(hours=hours, minutes=minutes)
        moment = moment - shift if offset[0] == "+" else moment + shift
    moment = moment.replace(tzinfo=UTC).astimezone(zone)
    return _day(moment.year, moment.month, moment.day)


def _day(year: int, month: int, day: int) -> date | None:
    return None if _is_no_date(year) else date(year, month, day)


def _is_no_date(year: int) -> bool:
    return not FIRST_YEAR <= year <= LAST_YEAR


class DayReader:
    """Read the dates of one list, each different value once.

    A value that is no date is returned as text behind `unreadable: `: whoever lands the record
    sets it aside and holds the person. As null, a lost last day would keep a leaver for ever.
    """

    def __init__(self, zone: TimeZone) -> None:
        self._zone = zone
        self._known: dict[object, str | None] = {}
        self.unreadable: set[str] = set()

    def read_all(self, values: list[object]) -> list[str | None]:
        try:
            new = set(values).difference(self._known)
        except TypeError:  # a list or an object among them
            return [self.read(value) for value in values]
        for value in new:
            self.read(value)
        return [self._known[value] for value in values]

    def read(self, value: object) -> str | None:
        try:
            return self._known[value]
        except KeyError:
            day = self._known[value] = self._parse(value)
            return day
        except TypeError:  # a list or an object
            return self._parse(value)

    def _parse(self, value: object) -> str | None:
        try:
            day = parse_day(value, self._zone)
        except (ValueError, OverflowError):
            text = f"{UNREADABLE}{str(value).strip()[:60]}"
            self.unreadable.add(text)
            return text
        return None if day is None else day.isoformat()
