"""The state of a connection: the acknowledged STATE messages, one per stream, kept in one file."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from people_connector.own_words import content_of
from people_transforms.errors import ConfigError

from people_sync.connection.atomic_file import replace_file


class StateFile:
    """The states that the destination gave back, written through to the file on each change."""

    def __init__(self, path: Path, states: dict[str, dict[str, Any]]) -> None:
        self._path = path
        self._states = states

    @classmethod
    def read(cls, path: Path) -> StateFile:
        """Read the file; a missing or empty file is a connection that never ran."""
        try:
            content = content_of(path).strip()
            states = json.loads(content) if content else []
            if isinstance(states, dict):
                states = [states]
            return cls(path, {_name_of(state): state for state in states})
        except FileNotFoundError:
            return cls(path, {})
        except (ValueError, *_NO_STATE):
            raise ConfigError(
                "The state file is not a list of Airbyte states; move it away and the next run "
                "reads everything again.",
                path=path,
            ) from None
        except OSError as error:
            raise ConfigError(
                "The state file cannot be read.", path=path, reason=error.strerror
            ) from None

    def keep(self, state: Mapping[str, Any]) -> bool:
        """Keep an acknowledged state; it is on disk when this returns. Tells whether it was one."""
        kept = {key: state[key] for key in ("type", "stream", "global") if key in state}
        try:
            self._states[_name_of(kept)] = kept
        except _NO_STATE:
            return False
        replace_file(self._path, json.dumps(list(self._states.values()), indent=1).encode())
        return True

    def of_streams(self, streams: Collection[str]) -> list[dict[str, Any]]:
        """Return the states that a read of these streams may resume from."""
        return [
            state
            for state in self._states.values()
            if "global" in state or state["stream"]["stream_descriptor"]["name"] in streams
        ]


# What `_name_of` raises of something else.
_NO_STATE = (KeyError, TypeError, AttributeError)


def _name_of(state: Mapping[str, Any]) -> str:
    if "global" in state:
        return ""
    descriptor = state["stream"]["stream_descriptor"]
    return f"{descriptor.get('namespace') or ''}/{descriptor['name']}"
