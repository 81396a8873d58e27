"""The words of the report in Dutch, Czech and English, and of the models' findings and reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from people_transforms.models.vendors import own_words, read, word_files
from people_transforms.publishing.formats import (
    LANGUAGES,
    fill,
    form_of,
    weekday_name,
    write_day,
    write_number,
)

__all__ = ["LANGUAGES", "Words", "load_words", "system_name"]

# Where the words are: of the report, and of findings, reasons and refusals.
_WORD_FILES = (("people_transforms.publishing", "words"), ("people_transforms.models", "messages"))


@dataclass(frozen=True, slots=True)
class Words:
    """All words of one language."""

    code: str
    words: Mapping[str, Any]
    messages: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.words[key]

    def say(self, key: str, **values: object) -> str:
        """Fill a text; numbers, days and plurals are written as this language does."""
        return self.said(str(self.words[key]), values)

    def count(self, key: str, n: int, **values: object) -> str:
        """Put a number into the right plural form of a list, or into a text."""
        return self.counted(self.words[key], n, values)

    def cost(self, kind: str, vendor: str | None, n: int) -> str:
        """Say what an approval of {n} changes of a kind costs: as the platform says it, if it does."""
        own = self.words["systems"].get(vendor, {}).get("costs", {})
        return self.counted(own.get(kind) or self.words[f"cost_{kind}"], n, {})

    def counted(self, forms: str | list[str], n: int, values: Mapping[str, Any]) -> str:
        """Fill the plural form of a text that {n} takes."""
        text = forms if isinstance(forms, str) else forms[form_of(self.code, n, len(forms))]
        return self.said(str(text), {"n": n, **values})

    def status(self, status: str, n: int, systems: Mapping[str, str]) -> str:
        """Say the status of a night; `systems` are those of `systems()`."""
        return self.said(self.words["status"][status], {**systems, "n": n})

    def number(self, n: int) -> str:
        """Write a whole number with this language's thousands separator."""
        return write_number(self.code, n)

    def time(self, moment: dt.datetime) -> str:
        """Write a time of the day, in the zone that the moment has."""
        return f"{moment.hour}.{moment:%M}" if self.code == "nl" else f"{moment.hour}:{moment:%M}"

    def weekday(self, day: dt.date | None) -> str:
        """Write a day with the day of the week."""
        return "" if day is None else f"{weekday_name(self.code, day)} {write_day(self.code, day)}"

    def day(self, day: dt.date | None) -> str:
        """Write a day as this language does; nothing for no day."""
        return "" if day is None else write_day(self.code, day)

    def name(self, group: str, code: str | None) -> str:
        """Name a code of a group (operations, holds, …)."""
        if code is None:
            return ""
        return str(self.words[group].get(code) or self.words["unknown"])

    def field(self, name: str | None) -> str | None:
        """Name a field: a column of ours by its words, an extra field of HR by its own name."""
        return None if name is None else str(self.words["fields"].get(name) or name)

    def systems(self, source: str | None, vendor: str | None) -> dict[str, str]:
        """Name both systems as texts ask for them: `{source}`, `{in_source}`, `{vendor}`, …."""
        named: dict[str, str] = {}
        for end, code in (("source", source), ("vendor", vendor)):
            if code:
                name = system_name(code)
                known = self.words["systems"].get(code, {}).get("in")
                named[end] = name
                named[f"in_{end}"] = known or self.say("in_system", name=name)
        return named

    def place(self, key: str | None, name: str | None) -> str | None:
        """Name a company or client; one that nobody named is told by its number."""
        if key in (None, "*"):
            return None
        return name or self.said(self.words["place_unnamed"], {"key": key})

    def reason(self, code: str | None, values: Mapping[str, Any] | None = None) -> str:
        """Say why the rules decided so, as a clause; `values` are those of `systems`."""
        if code is None:
            return ""
        text = self.messages["reasons"].get(code) or self.words["unknown"]
        return self.said(str(text), values or {})

    def finding(self, code: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """Say what is wrong with one person or employer, and what to type or do."""
        message = self._finding(code)
        return self.said(message["says"], values), self.said(message["type"], values)

    def finding_group(self, code: str, n: int, values: Mapping[str, Any]) -> tuple[str, str]:
        """Say how many have the same problem, and what to do; `values` are those they share."""
        message = self._finding(code)
        shared = {**values, "n": n}
        return self.said(message["group"], shared), self.said(message["type"], shared)

    def refusal(self, cause: str | None, n: int, values: Mapping[str, Any]) -> tuple[str, str]:
        """Say why the platform refused changes, and what to do. `cause` is as in `dead_letters`."""
        refusals = self.messages["refusals"]
        kind, _, rest = (cause or "").partition(" ")
        message = refusals.get(cause) or refusals.get(kind) or refusals["other"]
        field = values.get("field") or rest.partition(" ")[0] or None
        filled = {**values, "n": n, "field": self.field(field)}
        return self.said(message["says"], filled), self.said(message["type"], filled)

    def said(self, text: str, values: Mapping[str, Any]) -> str:
        """Fill a text of these words."""
        return fill(text, self.code, values, self.messages["instead"])

    def _finding(self, code: str) -> Mapping[str, str]:
        findings: Mapping[str, Mapping[str, str]] = self.messages["findings"]
        return findings.get(code) or findings["unknown"]


def system_name(code: str | None) -> str:
    """Name an HR system or platform as its makers do."""
    return (code or "").replace("_", " ").title()


def load_words(language: str) -> Words:
    """Load the words of a language; an unknown one is read as English."""
    return _words_of(language if language in LANGUAGES else "en")


@cache
def _words_of(code: str) -> Words:
    words, messages = map(read, _shared_files(code))
    words["systems"] = own_words(code)
    for own in words["systems"].values():
        words["fields"] |= own.get("fields", {})
        for group, said in own.get("messages", {}).items():
            messages[group] |= said
    return Words(code, words, messages)


def word_texts(language: str) -> list[str]:
    """Give all words of a language as they are written, to tell one release from another."""
    own = (file for _, file in word_files(language))
    return [file.read_text("utf-8") for file in (*_shared_files(language), *own)]


def _shared_files(language: str) -> list[Traversable]:
    return [files(package).joinpath(folder, f"{language}.yaml") for package, folder in _WORD_FILES]
