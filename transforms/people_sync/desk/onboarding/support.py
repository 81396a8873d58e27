"""Tell the people of a connection what happens to it, by the addresses of `alarms`.

Steps are told once, and a page says so when that failed. News (a sign-in, a changed key, an approval)
are told each time: they are noted with the act itself, and stay noted until they were told.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from people_transforms.errors import SyncError

from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.web.rounds import Rounds
from people_sync.mail.alarms import tell

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


def teller(onboarding: Onboarding) -> Rounds:
    """Make who tells the news; what could not be told is tried again every minute."""
    return Rounds("news", lambda: _tell_news(onboarding), _RETRY_SECONDS, has_last=True)


def _tell_news(onboarding: Onboarding) -> None:
    # Alone: a second server of this journey must not tell the same.
    with onboarding.journey.alone("news"):
        for message in onboarding.journey.read().news:
            if not _was_told(onboarding, message):
                return
            onboarding.journey.change(partial(_forget, message))


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
