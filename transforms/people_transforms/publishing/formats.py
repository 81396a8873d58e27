"""Numbers, days and plurals as people of each language write them: the one place that fills texts.

A text holds `{name}`, or `{name:form|form}` for a number with its noun in the right form
(`{days:day|days}` → `1 day`, `5 days`), `{name:=form|form}` for the form alone. A part in square
brackets is left out where one of its values is missing; a value missing elsewhere is replaced by the
language's own words for it, so that no text has a hole.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from string import Formatter
from typing import Any

LANGUAGES = ("nl", "cs", "en")
# How many forms a noun has beside a number: 1 and others; in Czech 1, 2 to 4, and 5 or more.
FORMS = {"nl": 2, "cs": 3, "en": 2}
_FEW = range(2, 5)
_THOUSANDS = {"nl": ".", "cs": "\u00a0", "en": ","}
_MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "en": "January February March April May June July August September October November December",
}
_WEEKDAYS = {
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "cs": "pondělí úterý středa čtvrtek pátek sobota neděle",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


def report_language(chosen: object, vendors: object) -> str:
    """Tell in which language a connection's report is written: as chosen, else as the vendor's."""
    known = [one for one in (chosen, vendors) if one in LANGUAGES]
    return str(known[0]) if known else "cs"


def form_of(language: str, n: int, forms: int) -> int:
    """Choose the grammatical form (0, 1 or 2) of a noun that stands beside the number."""
    if n == 1:
        return 0
    if language == "cs" and forms > FORMS["nl"]:
        return 1 if n in _FEW else 2
    return 1


def write_number(language: str, n: int) -> str:
    """Write a whole number with the language's thousands separator."""
    return f"{n:,}".replace(",", _THOUSANDS[language])


def write_day(language: str, day: dt.date) -> str:
    """Write a day in full: `4 maart 2026`, `4. března 2026`, `4 March 2026`."""
    point = "." if language == "cs" else ""
    return f"{day.day}{point}\u00a0{_MONTHS[language].split()[day.month - 1]} {day.year}"


def weekday_name(language: str, day: dt.date) -> str:
    """Name the day of the week."""
    return _WEEKDAYS[language].split()[day.weekday()]


def parse_iso_day(value: object) -> dt.date | None:
    """Read a day as the store writes it in JSON; None for anything else."""
    if type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def names_in(text: str) -> set[str]:
    """List the values that a text asks for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def fill(text: str, language: str, values: Mapping[str, Any], instead: Mapping[str, str]) -> str:
    """Put the values into a text; `instead` has words for what is missing."""

    def is_whole(part: str) -> bool:
        return all(values.get(name) not in (None, "") for name in names_in(part))

    kept = _OPTIONAL.sub(lambda found: found[1] if is_whole(found[1]) else "", text)
    shown = {name: _Shown(language, values.get(name), instead.get(name)) for name in names_in(kept)}
    return kept.format_map(shown)


class _Shown:
    """One value as it is put into a text."""

    def __init__(self, language: str, value: object, instead: str | None) -> None:
        self._language = language
        self._value = value
        self._instead = instead

    def __format__(self, forms: str) -> str:
        value = self._value
        if value is None or value == "":
            return self._instead or ""
        if isinstance(value, int) and not isinstance(value, bool):
            return self._counted(value, forms)
        if isinstance(value, dt.date):
            return write_day(self._language, value)
        noun = forms.rpartition("|")[2]
        return f"{value} {noun}" if noun and not forms.startswith("=") else noun or str(value)

    def _counted(self, n: int, forms: str) -> str:
        number = write_number(self._language, n)
        if not forms:
            return number
        listed = forms.removeprefix("=").split("|")
        form = listed[form_of(self._language, n, len(listed))]
        return form if forms.startswith("=") else f"{number}\u00a0{form}"


def write_euros(language: str, cents: int) -> str:
    """Write an amount: `€ 1.250,00`, `1 250,00 €`, `€1,250.00`."""
    whole = write_number(language, abs(cents) // 100)
    amount = f"{whole}{'.' if language == 'en' else ','}{abs(cents) % 100:02}"
    sign = "-" if cents < 0 else ""
    return {
        "nl": f"€\u00a0{sign}{amount}",
        "cs": f"{sign}{amount}\u00a0€",
        "en": f"{sign}€{amount}",
    }[language]
