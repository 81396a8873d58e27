"""The status of a connection, told when it changes: held, failed, recovered, no run, too quiet.

What was told is kept beside the state, so that the same trouble is told once. An alarm that could
not be delivered is told by the next run; it never changes how a run ends.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from people_transforms.errors import SyncError
from people_transforms.exit_codes import DONE, HELD, PARTLY
from people_transforms.status import EXIT_CODES

from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import ConnectionFile

FINE, IS_HELD, IS_FAILED = "fine", "held", "failed"


class StatusFile:
    """What the people who get the alarms know of a connection."""

    def __init__(self, file: ConnectionFile) -> None:
        self._file = file
        self._path = file.state.with_name(f"{file.path.stem}.status.json")
        self.known = _read(self._path)

    def note_run(self, status: str, facts: Mapping[str, Any], now: dt.datetime) -> str | None:
        """Note the status of a run and tell it if that is a change; gives what could not be told."""
        kind, before = kind_of(status), self.known.get("status", "in_order")
        if kind == kind_of(before):
            return self._keep({"status": status, "at": now.isoformat()})
        event = "recovered" if kind == FINE else kind
        code = EXIT_CODES[status]
        problem = self._tell(
            event, now, {**facts, "status": status, "was": before, "exit_code": code}
        )
        # Not told: the next run finds the change again.
        return problem or self._keep({"status": status, "at": now.isoformat()})

    def note_once(
        self, event: str, key: str, facts: Mapping[str, Any], now: dt.datetime
    ) -> str | None:
        """Tell an event once per key, such as the day of a missed deadline."""
        if self.known.get(event) == key:
            return None
        return self._tell(event, now, facts) or self._keep({event: key})

    def _tell(self, event: str, now: dt.datetime, facts: Mapping[str, Any]) -> str | None:
        if self._file.alarms is None:
            return None
        from people_sync.mail.alarms import tell

        message = {
            "event": event,
            "connection": self._file.path.stem,
            "source": self._file.source.name,
            "destination": self._file.destination.name,
            "at": now.isoformat(timespec="seconds"),
            **facts,
        }
        try:
            tell(self._file.alarms, message, self._file.folder)
        except SyncError as error:
            return f"The alarm “{event}” could not be told: {error}"
        return None

    def _keep(self, changes: Mapping[str, str]) -> str | None:
        self.known |= changes
        try:
            replace_file(self._path, json.dumps(self.known, indent=1).encode())
        except OSError as error:
            return f"The status could not be kept in {self._path} ({error.strerror})."
        return None


def later_failure(
    file: ConnectionFile | None, recorded: str | None, ended: dt.datetime | None
) -> tuple[str, dt.datetime] | None:
    """Tell of a run that failed after the recorded one and could not write into the store: status and moment."""
    if file is None:
        return None
    known = StatusFile(file).known
    status, at = known.get("status", "in_order"), _when(known.get("at"))
    if at is None or kind_of(status) != IS_FAILED:
        return None
    if recorded in EXIT_CODES and (kind_of(recorded) == IS_FAILED or (ended and at <= ended)):
        return None
    # An earlier release kept only that it failed.
    return status if status in EXIT_CODES else "failed", at


def _when(text: str | None) -> dt.datetime | None:
    """Read a moment of the file; None where it is none."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def kind_of(status: str) -> str:
    """Tell what a status means for the people who wait for an alarm."""
    if status in (FINE, IS_HELD, IS_FAILED):
        # As an earlier release kept it.
        return status
    code = EXIT_CODES[status]
    if code in (DONE, PARTLY):
        return FINE
    return IS_HELD if code == HELD else IS_FAILED


def facts_of(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Take out of a run's summary what an alarm may say: counts and sentences, no person."""
    first = next(iter(summary["errors"]), None)
    return {
        "text": summary["headline"] or first or "The run made no plan.",
        "error": first,
        **{name: summary[name] for name in ("run_id", "plan_hash", "counts")},
        "held": [
            {name: group[name] for name in ("hold", "operation", "rows")}
            for group in summary["held"]
        ],
        "report": summary["report"],
    }


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    known = {name: value for name, value in content.items() if isinstance(value, str)}
    if known.get("status") not in {*EXIT_CODES, FINE, IS_HELD, IS_FAILED}:
        # A later release may know more; to have told nothing is the safe side.
        known.pop("status", None)
    return known
