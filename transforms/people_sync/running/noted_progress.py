"""How far a run is, noted beside the state for whoever shows it: the desk, also of a run of a timer.

A note is a help and no record: where it cannot be written or read, the run goes on and nothing is shown.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from people_sync.connection.connection_file import ConnectionFile
from people_sync.running.progress import Progress

_ENDS = ("COMPLETE", "INCOMPLETE")


@dataclass(frozen=True, slots=True)
class Step:
    """What a run is doing: reading a list, comparing, or sending so many of so many."""

    name: str
    stream: str = ""
    done: int = 0
    of: int = 0


@dataclass(slots=True)
class NotedProgress:
    """Passes everything on to another way of showing a run, and notes the step."""

    shown: Progress
    path: Path
    _open: set[str] = field(default_factory=set)

    def say(self, who: str, text: str, *, is_problem: bool = False) -> None:
        self.shown.say(who, text, is_problem=is_problem)

    def status(self, stream: str, status: str) -> None:
        self.shown.status(stream, status)
        if status not in _ENDS:
            if stream not in self._open:
                self._open.add(stream)
                self._note(step="read", stream=stream)
            return
        self._open.discard(stream)
        if not self._open:
            self._note(step="compare")

    def phase(self, name: str, done: int, of: int) -> None:
        self.shown.phase(name, done, of)
        self._note(step="send", done=done, of=of)

    def close(self) -> None:
        self.shown.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _note(self, **step: Any) -> None:
        with contextlib.suppress(OSError):
            # Not for good, so nothing is waited for: half a note is read as none.
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(handle, json.dumps(step).encode())
            finally:
                os.close(handle)


def note_progress(shown: Progress, file: ConnectionFile) -> NotedProgress:
    """Begin to note the progress of a connection's run; what a killed one left is gone."""
    path = _path(file)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return NotedProgress(shown, path)


def read_step(file: ConnectionFile) -> Step | None:
    """Tell what a run that is going on does; None where it has not said."""
    try:
        noted = json.loads(_path(file).read_bytes())
        return Step(
            str(noted["step"]),
            str(noted.get("stream", "")),
            int(noted.get("done", 0)),
            int(noted.get("of", 0)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _path(file: ConnectionFile) -> Path:
    return file.state.with_name(f"{file.path.stem}.progress.json")
