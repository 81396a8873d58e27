"""Turn the dates an Alveno answer can hold into days.

`/Date(1735686000000+0100)/` is an instant: milliseconds since 1970-01-01 UTC, its offset says
nothing (msdn bb412170). Midnight in Prague is 23:00 or 22:00 UTC of the day before, so the day is
taken in the account's zone, or every first and last day would be one day early.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import tzinfo as TimeZone

UNREADABLE = "unreadable: "

# What .NET writes where it has no date: DateTime.MinValue and DateTime.MaxValue.
_YEARS = range(2, 9999)
_DAY_MS = 86_400_000
# Its range, and a day on both sides for its local kinds.
_INSTANTS = range(-62_135_596_800_000 - _DAY_MS, 253_402_300_800_000 + _DAY_MS)

_WCF = re.compile(r"\\?/Date\(([+-]?[0-9]{1,18})(?:[+-][0-9]{4})?\)\\?/")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]{1,9})?"
    r" ?(Z|z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_CZECH = re.compile(
    r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)


def parse_day(value: object, zone: TimeZone) -> date | None:
    """Return the day a date value means in `zone`, or None where it says "no date".

    Raises ValueError for anything that is no date: a lost end date would keep a leaver.
    """
    text = "" if value is None else value.strip() if isinstance(value, str) else "a number"
    if not text:
        return None
    if found := _WCF.fullmatch(text):
        moment = int(found[1])
        if moment not in _INSTANTS:
            raise ValueError("not a date")
        # Nearer to the ends an instant cannot be moved to every zone.
        if moment not in _INSTANTS[3 * _DAY_MS : -3 * _DAY_MS]:
            return None
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
        day = instant.astimezone(zone).date()
    elif found := _ISO.fullmatch(text):
        if int(text[:4]) not in _YEARS:
            return None
        # With its time, also where no offset follows: 25:00 is not a time of any day.
        at = datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}{(found[3] or '').upper()}")
        day = at.date() if at.tzinfo is None else at.astimezone(zone).date()
    elif found := _CZECH.fullmatch(text):
        if int(found[3]) not in _YEARS:
            return None
        day = date(int(found[3]), int(found[2]), int(found[1]))
    else:
        raise ValueError("not a date")
    return day if day.year in _YEARS else None


class DayReader(dict[object, str | None]):
    """The days of a list, each different value read once: `reader[value]`.

    A value that is no date is returned as text behind `unreadable: `: whoever lands the record
    sets it aside and holds the person. As null, a lost last day would keep a leaver for ever.
    """

    def __init__(self, zone: TimeZone) -> None:
        super().__init__()
        self._zone = zone
        self.unreadable: set[str | None] = set()

    def __missing__(self, value: object) -> str | None:
        day = self[value] = self.read(value)
        return day

    def read(self, value: object) -> str | None:
        try:
            day = parse_day(value, self._zone)
        except (ValueError, OverflowError):
            text = f"{UNREADABLE}{str(value).strip()[:60]}"
            self.unreadable.add(text)
            return text
        return None if day is None else day.isoformat()
