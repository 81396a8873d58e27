"""Tell the people of a connection what was done at the desk, by the addresses of its `alarms`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from people_transforms.errors import SyncError

from people_sync.desk.office import Office
from people_sync.desk.served import Served
from people_sync.mail.alarms import tell

logger = logging.getLogger(__name__)

# Without a name: who it was is in the table of actions.
_TEXTS = {
    "signed_in": "somebody signed in.",
    "approved": "held changes were approved.",
    "rejected": "held changes were rejected.",
    "setting_changed": "a setting was changed.",
    "access_changed": "the access to a system was changed.",
    "activated": "the first plan was confirmed.",
    "onboarded": "access was given.",
}


def tell_news(office: Office) -> None:
    """Tell what was not told yet; what cannot be told now stays noted and is tried again."""
    # Alone: a second server of these records must not tell the same.
    with office.records.alone("news"):
        unreachable = set()
        for news in office.records.news():
            if news.connection in unreachable:
                continue
            served = office.connections.find(news.connection)
            if served is not None and not tell_one(served, news.event, news.at, news.facts):
                unreachable.add(news.connection)
                continue
            office.records.forget_news(news.id)


def tell_one(served: Served, event: str, at: str, facts: Mapping[str, Any]) -> bool:
    """Tell the addresses of a connection's `alarms` now; False where they could not be told."""
    file = served.file
    if file is None or file.alarms is None:
        return True
    message = {
        **facts,
        "event": event,
        "text": f"{served.name}: {_TEXTS[event]}",
        "connection": file.path.stem,
        "source": file.source.name,
        "destination": file.destination.name,
        "at": at,
    }
    try:
        tell(file.alarms, message, file.folder)
    except SyncError as error:
        logger.warning("Nobody was told: %s", error)
        return False
    return True
