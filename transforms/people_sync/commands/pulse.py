"""What earlier runs say about tonight: when the last one was done, and whether it is too quiet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from people_transforms.errors import NothingYetError, SyncError
from people_transforms.publishing.quiet import judge, read_nights
from people_transforms.status import DID_NOT_RUN

from people_sync.commands.store import Store, look_at


@dataclass(frozen=True, slots=True)
class Pulse:
    """`quiet` has the words and figures of a silence that is improbable; None otherwise.

    `trouble` says why the store could not be read: nobody knows then what ran.
    """

    last_run: dt.datetime | None = None
    quiet: dict[str, Any] | None = None
    trouble: str | None = None


def read_pulse(store: Store) -> Pulse:
    """Read the published history; nothing published yet is no run."""
    try:
        with look_at(store) as connection:
            row = connection.execute(
                "select max(finished_at) from sync.runs "
                "where not list_contains($failed, coalesce(status, outcome, 'failed'))",
                {"failed": sorted(DID_NOT_RUN)},
            ).fetchone()
            quiet = judge(read_nights(connection))
    except NothingYetError:
        return Pulse()
    except SyncError as error:
        return Pulse(trouble=str(error))
    said = None
    if quiet is not None:
        text = (
            f"Too quiet: no change for {quiet.nights} nights, since {quiet.since}. With this "
            f"connection's history that happens by chance about once in {round(1 / quiet.chance):,} "
            "times. Look whether the HR system still gives new data."
        )
        said = {
            "text": text,
            "nights": quiet.nights,
            "since": quiet.since.isoformat(),
            "chance": quiet.chance,
        }
    return Pulse(row[0] if row else None, said)
