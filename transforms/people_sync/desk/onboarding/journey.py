"""How far a customer has come, kept in one file that only its owner may read.

Every step can be left and resumed: after a restart, in another browser with a new link, or next
week. Who is signed in is kept with the desk's records, not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from people_transforms.errors import ConfigError
from people_transforms.privacy.pseudonyms import pseudonym

from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import ConnectionFile
from people_sync.connection.run_lock import locked

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
# What an earlier release kept here. Nobody is let in by it any more.
_KEPT_BEFORE = ("links", "sessions", "consents", "news")
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

    done: dict[str, str] = field(default_factory=dict)
    employers: list[dict[str, str]] = field(default_factory=list)
    places: list[dict[str, str]] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    preview: Preview | None = None
    approved: dict[str, Any] | None = None


def journey_path(file: ConnectionFile) -> Path:
    """Tell where the journey of a connection is."""
    return file.state.with_name(f"{file.path.stem}.onboarding.json")


def forget_person(journey: Journey, is_meant: Callable[[str], bool], key: bytes) -> int:
    """Put a pseudonym in the place of a person's name; gives how often."""
    approved = [one for one in (journey.approved,) if one and is_meant(str(one["by"]))]
    for one in approved:
        one["by"] = pseudonym(one["by"], key)
    return len(approved)


class JourneyFile:
    """The journey on disk. Each change is read, made and written alone, whichever server makes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Journey:
        """Read the journey; a missing file is one that has not begun."""
        try:
            content = json.loads(self._path.read_bytes())
            preview = content.pop("preview", None)
            for name in _KEPT_BEFORE:
                content.pop(name, None)
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
        with locked(self._path.with_name(f"{self._path.name}.change.lock")):
            journey = self.read()
            answer = what(journey)
            replace_file(self._path, json.dumps(asdict(journey), indent=1).encode())
            return answer
