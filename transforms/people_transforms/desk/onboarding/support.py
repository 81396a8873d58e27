"""Tell the people of a connection what happens to it, by the addresses of `alarms`.

Steps are told once, and a page says so when that failed. News (a sign-in, a changed key, an approval)
are told each time: they are noted with the act itself, and stay noted until they were told.
"""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Any

from people_transforms.desk.onboarding.connection import Onboarding
from people_transforms.desk.onboarding.journey import Journey
from people_transforms.errors import SyncError
from people_transforms.publishing.alarms import tell

logger = logging.getLogger(__name__)

_MOST_NEWS = 50
_RETRY_SECONDS = 60.0


def tell_support(onboarding: Onboarding, event: str, text: str) -> bool:
    """Tell support about a step that was not told yet; False when nobody could be told."""
    if event in onboarding.journey.read().told:
        return True
    if not _was_told(onboarding, _message(onboarding, event, text)):
        return False

    def note(journey: Journey) -> None:
        journey.told[event] = onboarding.clock().isoformat()

    onboarding.journey.change(note)
    return True


def note_news(
    onboarding: Onboarding, journey: Journey, event: str, text: str, **facts: Any
) -> None:
    """Note what everybody must hear; in the same change of the journey as the act."""
    if onboarding.file.alarms is not None:
        journey.news.append(_message(onboarding, event, text, **facts))
        del journey.news[:-_MOST_NEWS]


class Teller:
    """Tells the news in a thread of its own: an address that hangs holds no page up."""

    def __init__(self, onboarding: Onboarding) -> None:
        self._desk = onboarding
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._go_on, name="news")

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look for news now; what could not be told is tried again every minute anyway."""
        self._wake.set()

    def stop(self) -> None:
        """Tell what is left, once, and end."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._is_stopping:
            self._tell()
            self._wake.wait(_RETRY_SECONDS)
            self._wake.clear()
        self._tell()

    def _tell(self) -> None:
        # Alone: a second server of this journey must not tell the same.
        with self._desk.journey.alone("news"):
            for message in self._desk.journey.read().news:
                if not _was_told(self._desk, message):
                    return
                self._desk.journey.change(partial(_forget, message))


def _forget(message: dict[str, Any], journey: Journey) -> None:
    journey.news.remove(message)


def _was_told(onboarding: Onboarding, message: dict[str, Any]) -> bool:
    if onboarding.file.alarms is None:
        return False
    try:
        tell(onboarding.file.alarms, message, onboarding.file.folder)
    except SyncError as error:
        logger.warning("Nobody was told: %s", error)
        return False
    return True


def _message(onboarding: Onboarding, event: str, text: str, **facts: Any) -> dict[str, Any]:
    return {
        "event": event,
        "text": f"{onboarding.source.title} → {onboarding.destination.title}: {text}",
        "connection": onboarding.file.path.stem,
        "source": onboarding.source.name,
        "destination": onboarding.destination.name,
        "at": onboarding.clock().isoformat(timespec="seconds"),
        **facts,
    }
