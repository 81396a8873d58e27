"""Pages from templates and words: everything is escaped, nothing is fetched from elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from people_transforms.publishing.words import LANGUAGES, Words, load_words
from people_transforms.safe_text import without_controls
from starlette.responses import HTMLResponse

from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.journey import STEPS, Journey
from people_sync.desk.pages import templates_of, texts_of

__all__ = ["LANGUAGES", "Pages"]

_PACKAGE = "people_sync.desk.onboarding"


class Pages:
    """The templates with the words of three languages, loaded once."""

    def __init__(self) -> None:
        self._environment = templates_of(_PACKAGE)
        self.texts = {code: load_texts(code) for code in LANGUAGES}
        self.words: dict[str, Words] = {code: load_words(code) for code in LANGUAGES}

    def render(
        self,
        template: str,
        status: int,
        *,
        onboarding: Onboarding,
        journey: Journey,
        language: str,
        path: str,
        **values: Any,
    ) -> HTMLResponse:
        """Render a page in a language."""
        html = self._environment.get_template(template).render(
            t=self.texts[language],
            w=self.words[language],
            language=language,
            languages={code: self.texts[code]["language"] for code in LANGUAGES},
            source=onboarding.source,
            destination=onboarding.destination,
            journey=journey,
            steps=STEPS,
            path=path,
            moment=lambda text: moment(text, self.words[language], onboarding.zone()),
            **values,
        )
        return HTMLResponse(without_controls(html), status, {"Content-Language": language})


def moment(text: str, words: Words, zone: dt.tzinfo) -> str:
    """Write an ISO time as a day and a time of day where the connection is."""
    at = dt.datetime.fromisoformat(text).astimezone(zone)
    return f"{words.day(at.date())} {at:%H:%M}"


def load_texts(language: str) -> Mapping[str, Any]:
    """Load the words of the onboarding's pages."""
    return texts_of(_PACKAGE, language)
