"""Tell support how far a customer has come, once per event; a page says so when it failed."""

from __future__ import annotations

import logging
from typing import Any

from people_transforms.errors import SyncError
from people_transforms.onboarding.desk import Desk
from people_transforms.onboarding.journey import Journey
from people_transforms.publishing.alarms import tell

logger = logging.getLogger(__name__)


def tell_support(desk: Desk, event: str, text: str, **facts: Any) -> bool:
    """Tell support about an event that was not told yet; False when nobody could be told."""
    if event in desk.journey.read().told:
        return True
    if desk.file.alarms is None:
        return False
    message = {
        "event": event,
        "text": text,
        "connection": desk.file.path.stem,
        "source": desk.source.name,
        "destination": desk.destination.name,
        "at": desk.clock().isoformat(timespec="seconds"),
        **facts,
    }
    try:
        tell(desk.file.alarms, message, desk.file.folder)
    except SyncError as error:
        logger.warning("Support was not told: %s", error)
        return False

    def note(journey: Journey) -> None:
        journey.told[event] = desk.clock().isoformat()

    desk.journey.change(note)
    return True
