"""Tell the people of a connection what was done at the desk, by the addresses of its `alarms`."""

from __future__ import annotations

import logging

from people_transforms.errors import SyncError

from people_sync.desk.office import Office
from people_sync.mail.alarms import tell

logger = logging.getLogger(__name__)

# Without a name: who it was is in the table of actions.
_TEXTS = {
    "signed_in": "somebody signed in at the desk.",
    "approved": "held changes were approved at the desk.",
    "rejected": "held changes were rejected at the desk.",
    "setting_changed": "a setting was changed at the desk.",
}


def tell_news(office: Office) -> None:
    """Tell what was not told yet; what cannot be told now stays noted and is tried again."""
    unreachable = set()
    for number, name, at, event in office.records.news():
        if name in unreachable:
            continue
        served = office.connections.find(name)
        file = served.file if served else None
        if file is not None and file.alarms is not None:
            message = {
                "event": event,
                "text": f"{name}: {_TEXTS[event]}",
                "connection": file.path.stem,
                "source": file.source.name,
                "destination": file.destination.name,
                "at": at,
            }
            try:
                tell(file.alarms, message, file.folder)
            except SyncError as error:
                logger.warning("Nobody was told: %s", error)
                unreachable.add(name)
                continue
        office.records.forget_news(number)
