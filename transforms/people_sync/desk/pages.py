"""The desk's pages from templates and words: everything is escaped, nothing is fetched from elsewhere."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from people_transforms.publishing.formats import form_of, write_number
from people_transforms.publishing.words import LANGUAGES, Words, load_words
from people_transforms.safe_text import shortened, without_controls
from starlette.responses import HTMLResponse

from people_sync.desk.onboarding.causes import cause_of

__all__ = ["LANGUAGES", "Pages", "Texts", "css"]

_PACKAGE = "people_sync.desk"
_ONBOARDING = f"{_PACKAGE}.onboarding"


class Texts:
    """The desk's words in one language."""

    def __init__(self, code: str, texts: Mapping[str, Any]) -> None:
        self.code = code
        self._texts = texts

    def __getitem__(self, path: str) -> Any:
        """Give a text by its path, such as `tonight.title`."""
        found: Any = self._texts
        parts = path.split(".")
        for position, part in enumerate(parts):
            # A key may hold points itself, such as the name of a nested setting.
            rest = ".".join(parts[position:])
            if isinstance(found, Mapping) and rest in found:
                return found[rest]
            found = found[part]
        return found

    def __call__(self, path: str, n: int | None = None, **values: object) -> str:
        """Fill a text; with `n` its forms are those of the number."""
        text = self[path]
        if isinstance(text, list):
            assert n is not None
            text = text[form_of(self.code, n, len(text))]
        if n is not None:
            values["n"] = write_number(self.code, n)
        return str(text).format(**values)


class Pages:
    """The templates with the words of three languages, loaded once."""

    def __init__(self) -> None:
        self._environment = _environment()
        self.texts = {code: Texts(code, load_texts(code)) for code in LANGUAGES}
        self.onboarding = {code: load_texts(code, onboarding=True) for code in LANGUAGES}
        self.words: dict[str, Words] = {code: load_words(code) for code in LANGUAGES}

    def render(
        self,
        template: str,
        status: int,
        *,
        language: str,
        path: str,
        zone: dt.tzinfo = dt.UTC,
        **values: Any,
    ) -> HTMLResponse:
        """Render a page in a language; times are those of `zone` unless a template says another."""
        words = self.words[language]
        html = self._environment.get_template(template).render(
            t=self.texts[language],
            o=self.onboarding[language],
            w=words,
            language=language,
            languages={code: self.texts[code]["language"] for code in LANGUAGES},
            path=path,
            moment=lambda at, name=None: moment(at, words, _zone_of(name) if name else zone),
            **values,
        )
        return HTMLResponse(without_controls(html), status, {"Content-Language": language})


def moment(at: dt.datetime | str, words: Words, zone: dt.tzinfo) -> str:
    """Write a time, or its ISO text, as a day and a time of day in a zone."""
    known = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
    local = known.astimezone(zone)
    return f"{words.day(local.date())} {local:%H:%M}"


def _zone_of(name: str) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def load_texts(language: str, *, onboarding: bool = False) -> Mapping[str, Any]:
    """Load the words of the desk's pages, or those of the onboarding's."""
    package = _ONBOARDING if onboarding else _PACKAGE
    path = files(package).joinpath("words", f"{language}.yaml")
    texts: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return texts


def _environment() -> Environment:
    """Open the templates, in which everything is escaped and no name may be missing."""
    of_onboarding = PrefixLoader({"onboarding": PackageLoader(_ONBOARDING)})
    environment = Environment(
        loader=ChoiceLoader([of_onboarding, PackageLoader(_PACKAGE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shortened(value) if type(value) is str else value,
    )
    environment.filters["cause"] = cause_of
    return environment


def css() -> str:
    return files(_PACKAGE).joinpath("style.css").read_text("utf-8")
