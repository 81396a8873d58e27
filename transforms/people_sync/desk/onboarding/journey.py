"""How far a customer has come, kept in one file that only its owner may read.

Every step can be left and resumed: after a restart, in another browser with a new link, or next
week. Links and sessions are kept as hashes; a token itself is never on disk.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from people_transforms.errors import ConfigError
from people_transforms.folders import make_folder

from people_sync.connection.atomic_file import replace_file

STEPS = (
    "reads",
    "source",
    "destination",
    "congratulations",
    "test",
    "employers",
    "confirm",
    "active",
)
T = TypeVar("T")


@dataclass(slots=True)
class Preview:
    """The latest dry run: what it planned, and for which choice of employers."""

    choice: str
    exit_code: int
    at: str
    plan_hash: str | None = None
    run_id: str | None = None
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Journey:
    """The record of one connection's onboarding; times are ISO texts in UTC."""

    links: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)
    employers: list[dict[str, str]] = field(default_factory=list)
    places: list[dict[str, str]] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    news: list[dict[str, Any]] = field(default_factory=list)
    preview: Preview | None = None
    approved: dict[str, Any] | None = None


class JourneyFile:
    """The journey on disk. Each change is read, made and written alone, whichever server makes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Journey:
        """Read the journey; a missing file is one that has not begun."""
        try:
            content = json.loads(self._path.read_bytes())
            preview = content.pop("preview", None)
            return Journey(**content, preview=Preview(**preview) if preview else None)
        except FileNotFoundError:
            return Journey()
        except (ValueError, TypeError, AttributeError):
            raise ConfigError(
                "The file of the onboarding cannot be read; move it away to begin again.",
                path=self._path,
            ) from None

    def change(self, what: Callable[[Journey], T]) -> T:
        """Change the journey; it is on disk when this returns."""
        with self.alone("change"):
            journey = self.read()
            answer = what(journey)
            replace_file(self._path, json.dumps(asdict(journey), indent=1).encode())
            return answer

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Wait until nobody else does this with the journey: no thread and no other process."""
        path = self._path.with_name(f"{self._path.name}.{what}.lock")
        make_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            # The file stays: removing it would let two hold two different files of that name.
            os.close(handle)
