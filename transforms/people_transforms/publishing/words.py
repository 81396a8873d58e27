"""The words of the report in Dutch, Czech and English, and of the models' findings and reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("nl", "cs", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """All words of one language."""

    code: str
    words: Mapping[str, Any]
    messages: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.words[key]

    def count(self, key: str, n: int, **values: object) -> str:
        """Put a number into the right plural form."""
        forms = self.words[key]
        form = _plural(self.code, n, len(forms))
        return str(forms[form]).format(n=self.number(n), **values)

    def number(self, n: int) -> str:
        """Write a whole number with this language's thousands separator."""
        separator = {"nl": ".", "cs": "\u00a0", "en": ","}[self.code]
        return f"{n:,}".replace(",", separator)

    def day(self, day: dt.date | None) -> str:
        """Write a day as this language does."""
        if day is None:
            return ""
        if self.code == "en":
            return day.isoformat()
        return (
            f"{day.day}-{day.month}-{day.year}"
            if self.code == "nl"
            else (f"{day.day}.\u00a0{day.month}.\u00a0{day.year}")
        )

    def name(self, group: str, code: str | None) -> str:
        """Name a code of a group (operations, holds, …); an unknown code is shown as words."""
        if code is None:
            return ""
        return str(self.words[group].get(code) or code.replace("_", " "))

    def reason(self, code: str | None) -> str:
        """Say why the rules decided so."""
        if code is None:
            return ""
        reasons = self.messages.get("reasons") or {}
        return str(reasons.get(code) or self.name("reasons", code))

    def finding(self, code: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """Say what is wrong and what to type instead; both may hold values of the record."""
        message = (self.messages.get("findings") or self.messages).get(code)
        if isinstance(message, str):
            message = {"says": message}
        if not isinstance(message, Mapping):
            return code.replace("_", " "), ""
        what = message.get("says") or message.get("title") or message.get("what") or ""
        advice = message.get("type") or message.get("advice") or message.get("do") or ""
        return _filled(str(what), values), _filled(str(advice), values)


def load_words(language: str) -> Words:
    """Load the words of a language; an unknown one is read as English."""
    code = language if language in LANGUAGES else "en"
    words, messages = (
        yaml.load(_text(package, folder, f"{code}.yaml") or "{}", Loader=yaml.CSafeLoader)
        for package, folder in (
            ("people_transforms.publishing", "words"),
            ("people_transforms.models", "messages"),
        )
    )
    return Words(code, words, messages)


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _filled(text: str, values: Mapping[str, Any]) -> str:
    shown = {key: "…" if value is None else value for key, value in values.items()}
    return text.format_map(_Missing(shown))


def _plural(language: str, n: int, forms: int) -> int:
    if n == 1:
        return 0
    if language == "cs" and forms > 2:
        return 1 if 2 <= n <= 4 else 2
    return 1


def _text(package: str, *parts: str) -> str | None:
    path = files(package).joinpath(*parts)
    return path.read_text("utf-8") if path.is_file() else None
