"""Many connections in one go: so many nights at a time, each in processes of its own.

A night is `people-sync run` in a fork of this process, with the same lock, status, alarms and exit code.
What it says comes back through two pipes and is cut where it grows too long; this process itself opens no
store and asks no vendor.
"""

from __future__ import annotations

import json
import os
import selectors
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from people_transforms.errors import SyncError
from people_transforms.exit_codes import DONE, FAILED
from people_transforms.status import EXIT_CODES

from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import ConnectionFile, read_connection_file
from people_sync.connection.found_files import name_of
from people_sync.running.children import PATIENCE_SECONDS, Children, Process
from people_sync.running.summary import STATUS_OF_CODE
from people_sync.running.warm import can_fork, warm_up

# A summary is one object of a few thousand bytes; complaints may be many.
MOST_BYTES = {"out": 1 << 20, "errors": 64 << 10}
MOST_ERRORS = 5
NOT_RUN = "not_run"
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class EndedNight:
    """How the night of one connection ended; `log` is the file with what it complained of, if it did."""

    connection: str
    file: str
    status: str
    exit_code: int
    headline: str | None
    seconds: float
    run_id: str | None = None
    plan_hash: str | None = None
    counts: dict[str, int] | None = None
    errors: tuple[str, ...] = ()
    log: str | None = None


@dataclass(slots=True)
class _Going:
    """A night that goes on: its process, and what it has said so far."""

    path: Path
    process: Process
    began: float
    said: dict[str, bytearray] = field(
        default_factory=lambda: {"out": bytearray(), "errors": bytearray()}
    )
    open: set[str] = field(default_factory=lambda: {"out", "errors"})

    def hear(self, name: str, chunk: bytes) -> None:
        """Keep the beginning of what is said; an empty chunk is the end of it."""
        kept = self.said[name]
        kept += chunk[: max(0, MOST_BYTES[name] - len(kept))]
        if not chunk:
            self.open.discard(name)


class Fleet:
    """The nights of many connection files, `workers` at a time."""

    def __init__(self, paths: Sequence[Path], workers: int) -> None:
        self.paths = paths
        self.workers = workers
        self.files = {path: file for path in paths if (file := _read(path)) is not None}
        ends = (end for file in self.files.values() for end in (file.source, file.destination))
        self.warm = warm_up(end.program for end in ends)
        # Each night gives its own connectors time first.
        self.children = Children(Path.cwd(), self.warm, 2 * PATIENCE_SECONDS)

    def run(self) -> Iterator[EndedNight]:
        """Live all nights and give each as it ends; a signal ends those that go on."""
        waiting = list(reversed(self.paths))
        going: list[_Going] = []
        with selectors.DefaultSelector() as selector, self.children.guarded():
            while waiting or going:
                while waiting and len(going) < self.workers and not self.children.stopped_by:
                    going.append(self._start(waiting.pop(), selector))
                if not going:
                    break
                for key, _ in selector.select():
                    night, name, stream = key.data
                    chunk = stream.read(_CHUNK)
                    night.hear(name, chunk)
                    if not chunk:
                        selector.unregister(stream)
                        stream.close()
                    if not night.open:
                        going.remove(night)
                        yield self._ended(night)
        for path in reversed(waiting):
            yield _not_run(path)

    def _start(self, path: Path, selector: selectors.BaseSelector) -> _Going:
        command = ["run", str(path), "--output", "json"]
        ours, theirs = os.pipe()
        with os.fdopen(theirs, "wb") as errors:
            process = self._process(command, errors)
        night = _Going(path, process, time.monotonic())
        assert process.stdout is not None
        for name, stream in (("out", process.stdout), ("errors", os.fdopen(ours, "rb", 0))):
            selector.register(stream, selectors.EVENT_READ, (night, name, stream))
        return night

    def _process(self, command: list[str], errors: IO[bytes]) -> Process:
        if not can_fork():
            program = [sys.executable, "-m", "people_sync.cli", *command]
            return self.children.start(program, reads=None, errors=errors)
        from people_sync.cli import main

        return self.children.fork(partial(main, command, self.warm), errors=errors.fileno())

    def _ended(self, night: _Going) -> EndedNight:
        code = night.process.wait()
        seconds = round(time.monotonic() - night.began, 2)
        summary = _summary(bytes(night.said["out"]))
        errors = [str(one) for one in summary.get("errors") or [summary.get("error")] if one]
        if code < 0 or not summary:
            what = f"signal {-code}" if code < 0 else f"exit code {code}"
            errors = [f"The night ended early ({what}); what was confirmed is kept. Run again."]
            self._tell_killed(night.path, errors[0])
        facts = [f"{name}={value}" for name, value in (summary.get("facts") or {}).items()]
        if facts and errors:
            errors[0] = f"{errors[0]} ({', '.join(facts)})"
        code = summary.get("exit_code", FAILED) if code >= 0 else FAILED
        return EndedNight(
            connection=name_of(night.path),
            file=str(night.path),
            status=summary.get("status") or STATUS_OF_CODE.get(code, "failed"),
            exit_code=code,
            headline=summary.get("headline"),
            seconds=seconds,
            **{name: summary.get(name) for name in ("run_id", "plan_hash", "counts")},
            errors=tuple(errors[:MOST_ERRORS]),
            log=self._keep_log(night.path, bytes(night.said["errors"])),
        )

    def _tell_killed(self, path: Path, sentence: str) -> None:
        """Tell of a night that could not tell anybody itself."""
        from people_sync.commands.run import tell_failure

        if path in self.files and not self.children.stopped_by:
            tell_failure(self.files[path], SyncError(sentence))

    def _keep_log(self, path: Path, content: bytes) -> str | None:
        """Keep what the last night complained of beside the state; a night without complaint has none."""
        if path not in self.files:
            return None
        log = log_of(self.files[path])
        try:
            if not content:
                log.unlink(missing_ok=True)
                return None
            replace_file(log, content)
        except OSError:
            return None
        return str(log)


def log_of(file: ConnectionFile) -> Path:
    """Where the complaints of a connection's last night in a fleet are kept."""
    return file.state.with_name(f"{file.path.stem}.log")


def worst(nights: Sequence[EndedNight]) -> int:
    """Give one exit code for all: 1 before 2 before 3 before 4, as of the statuses the worst comes first."""
    codes = {night.exit_code for night in nights}
    return next((code for code in EXIT_CODES.values() if code in codes), DONE)


def _read(path: Path) -> ConnectionFile | None:
    try:
        return read_connection_file(path)
    except SyncError:
        # Its own night says what is wrong.
        return None


def _summary(said: bytes) -> dict[str, Any]:
    try:
        summary = json.loads(said)
    except ValueError:
        return {}
    return summary if isinstance(summary, dict) else {}


def _not_run(path: Path) -> EndedNight:
    return EndedNight(
        name_of(path), str(path), NOT_RUN, FAILED, "Not begun: the fleet was stopped.", 0.0
    )
