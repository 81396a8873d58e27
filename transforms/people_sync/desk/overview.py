"""All connections in one list: from the lake in one question, from files each kept until it changes."""

from __future__ import annotations

import datetime as dt
import json
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from people_transforms.errors import NothingYetError, SyncError
from people_transforms.status import STATUSES, known_status

from people_sync.commands.store import look_at
from people_sync.connection.status_file import later_failure
from people_sync.desk.queries import ask
from people_sync.desk.served import Connections, Served

# Worst first.
_ORDER = ("unreadable", "cut off", "never ran", *STATUSES)


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One connection. `people_trend` is the difference to a week ago."""

    name: str
    vendor: str
    state: str
    last_run_at: dt.datetime | None
    last_good_at: dt.datetime | None
    held: int
    findings: int
    people: int | None
    people_trend: int | None


class Fleet:
    """The list. What was read of a file is kept until the file is replaced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[int, FleetRow]] = {}

    def rows(self, connections: Connections) -> list[FleetRow]:
        """Tell of every connection how its last run ended, worst first."""
        rows = [
            _with_later_failure(self._of_file(served), served)
            for name in connections.names()
            if (served := connections.find(name))
        ]
        rows += [_of_lake(row) for row in connections.in_lakes()]
        return sorted(rows, key=lambda row: (_rank(row.state), row.name))

    def _of_file(self, served: Served) -> FleetRow:
        path = served.store.paths.staging
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return _read(served)
        with self._lock:
            known = self._known.get(path)
        if known and known[0] == stamp:
            return known[1]
        row = _read(served)
        with self._lock:
            self._known[path] = (stamp, row)
        return row


def _with_later_failure(row: FleetRow, served: Served) -> FleetRow:
    """Show a run that failed after the last one and left no record, as `status` does."""
    failure = later_failure(served.file, row.state, row.last_run_at)
    return replace(row, state=failure[0], last_run_at=failure[1]) if failure else row


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)


def _of_lake(row: dict[str, Any]) -> FleetRow:
    return FleetRow(
        name=row["connection_id"],
        vendor=row["vendor"] or "",
        state=row["state"],
        last_run_at=row["last_run_at"],
        last_good_at=row["last_good_at"],
        held=sum(row["held"].values()),
        findings=row["findings"],
        people=row["people"],
        people_trend=row["people_trend"],
    )


def _read(served: Served) -> FleetRow:
    try:
        with look_at(served.store) as database:
            facts = ask(database, "fleet")
    except NothingYetError:
        facts = []
    except (SyncError, duckdb.Error):
        # Damaged, or published by an earlier release; the others are shown all the same.
        return _without_facts(served, "unreadable")
    if not facts:
        return _without_facts(served, "never ran")
    row = facts[0]
    held = json.loads(row["counts"] or "{}")
    return FleetRow(
        name=served.name,
        vendor=served.vendor,
        state="cut off" if row["outcome"] is None else known_status(row["status"], row["outcome"]),
        last_run_at=row["last_run_at"],
        last_good_at=row["last_good_at"],
        held=sum(count for name, count in held.items() if name.startswith("held ")),
        findings=row["findings"],
        people=row["people"],
        people_trend=row["people_trend"],
    )


def _without_facts(served: Served, state: str) -> FleetRow:
    return FleetRow(served.name, served.vendor, state, None, None, 0, 0, None, None)
