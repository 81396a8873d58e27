"""The connection file of `people-sync run`: which source, which destination, where the state is.

Relative paths are relative to the file, so that a connection runs the same from cron and by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_connector.own_words import TwiceError, content_of, said_once, unknown_key
from people_transforms.errors import ConfigError
from people_transforms.folders import at_home

if TYPE_CHECKING:
    from people_sync.mail.alarms import Alarms

# What a reader's complaint means for the person who typed the file; other complaints may quote it: an
# alias or a tag in YAML may be a value that lacks quotes.
_WRONG_YAML = {
    "mapping values are not allowed here": "a value with a colon in it needs quotes",
    "could not find expected ':'": "a key needs a colon after it",
    "found character '\\t' that cannot start any token": "indent with blanks, not with tabs",
    "found unexpected end of stream": "a quote or a bracket is not closed",
    "sequence entries are not allowed here": "a list begins on a line of its own",
}
_WRONG_JSON = {
    "Expecting property name enclosed in double quotes": "a key in double quotes is due here; "
    "often the comma before it is one too many",
    "Illegal trailing comma before end of object": "the last comma is one too many",
    "Illegal trailing comma before end of array": "the last comma is one too many",
    "Expecting ',' delimiter": "a comma is missing before this",
    "Expecting ':' delimiter": "a colon is missing after the key",
    "Expecting value": "a value is missing, or a text lacks its double quotes",
    "Extra data": "the object has ended before this",
    "Unterminated string starting at": "a text has no closing quote",
    "Invalid control character at": "a text has no closing quote on its line",
}
_KEYS = {"source", "destination", "state", "streams", "alarms"}
EXAMPLE = "source: {connector: source-loket, config: loket.json}"


@dataclass(frozen=True, slots=True)
class Connector:
    """One end of a connection: its name, the program to start and its configuration file."""

    name: str
    program: Path
    config: Path


@dataclass(frozen=True, slots=True)
class ConnectionFile:
    """A checked connection file. `streams` is None for all streams the source has."""

    path: Path
    source: Connector
    destination: Connector
    state: Path
    streams: tuple[str, ...] | None
    alarms: Alarms | None = None

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from, also those inside the configurations."""
        return self.path.parent


def read_connection_file(path: Path) -> ConnectionFile:
    """Read and check a connection file.

    Raises ConfigError that names the key to change.
    """
    path = path.absolute()
    content = _parse_yaml(path)
    _refuse_unknown_keys(path, content, _KEYS, "")
    return ConnectionFile(
        path=path,
        source=_connector(path, content, "source"),
        destination=_connector(path, content, "destination"),
        state=_state_path(path, content.get("state")),
        streams=_streams(path, content.get("streams", "all")),
        alarms=_alarms(path, content.get("alarms")),
    )


def read_config(path: Path) -> dict[str, Any]:
    """Read a connector's configuration, which is one JSON object."""
    try:
        content = json.loads(content_of(path), object_pairs_hook=said_once)
    except FileNotFoundError:
        raise ConfigError("The configuration file does not exist.", path=path) from None
    except TwiceError as error:
        raise ConfigError(f"The configuration file cannot be used: {error}", path=path) from None
    except OSError as error:
        raise ConfigError(
            "The configuration file cannot be read.", path=path, reason=error.strerror
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("The configuration file is not UTF-8 text.", path=path) from None
    except json.JSONDecodeError as error:
        raise ConfigError(
            "The configuration file is not JSON.",
            path=path,
            line=error.lineno,
            problem=_WRONG_JSON.get(error.msg),
        ) from None
    except (ValueError, RecursionError):
        raise ConfigError("The configuration file is not JSON.", path=path) from None
    if not isinstance(content, dict):
        raise ConfigError("The configuration file must hold one JSON object.", path=path)
    return content


def _parse_yaml(path: Path) -> dict[str, Any]:
    import yaml

    from people_sync.connection.strict_yaml import load_yaml

    try:
        content = load_yaml(content_of(path))
    except FileNotFoundError:
        raise ConfigError("The connection file does not exist.", path=path) from None
    except TwiceError as error:
        raise ConfigError(f"The connection file cannot be used: {error}", path=path) from None
    except OSError as error:
        raise ConfigError(
            "The connection file cannot be read.", path=path, reason=error.strerror
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(
            "The connection file is not valid YAML.",
            path=path,
            line=mark.line + 1 if mark else None,
            problem=_WRONG_YAML.get(str(getattr(error, "problem", None))),
        ) from None
    except (ValueError, RecursionError):
        raise ConfigError("The connection file is not valid YAML.", path=path) from None
    if not isinstance(content, dict):
        raise ConfigError(
            f"The connection file must start with keys such as `{EXAMPLE}`.", path=path
        )
    return content


def _connector(path: Path, content: Mapping[str, Any], end: str) -> Connector:
    value = content.get(end)
    if not isinstance(value, dict):
        raise ConfigError(
            f"The connection file needs `{end}: {{connector: …, config: …}}`.", path=path
        )
    _refuse_unknown_keys(path, value, {"connector", "config"}, end)
    for key in ("connector", "config"):
        if not isinstance(value.get(key), str) or not value[key].strip():
            hint = (
                "the path of a JSON file"
                if key == "config"
                else f"the name of an installed connector, such as {end}-…"
            )
            raise ConfigError(f"`{end}.{key}` must be {hint}.", path=path)
    config = path.parent / at_home(value["config"])
    if not config.exists():
        raise ConfigError(
            f"`{end}.config` names a file that does not exist; its path starts at the folder of this file.",
            path=path,
        )
    if not config.is_file() and not config.is_dir():
        raise ConfigError(
            f"`{end}.config` must name a file: a pipe or a device cannot be read a second time.",
            path=path,
        )
    read_config(config)
    return Connector(value["connector"], _program(path, value["connector"], end), config)


def _program(path: Path, name: str, end: str) -> Path:
    """Find the connector's console script: beside this Python first, then on the PATH."""
    if "/" in name:
        candidates = [path.parent / at_home(name)]
    else:
        candidates = [Path(sys.executable).parent / name]
        found = shutil.which(name)
        candidates += [Path(found)] if found else []
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    raise ConfigError(
        f"`{end}.connector` is not installed: there is no such program beside {sys.executable} "
        "or on the PATH.",
        path=path,
    )


def _state_path(path: Path, value: object) -> Path:
    if value is None:
        value = f".people-sync/{path.stem}.state.json"
    if not isinstance(value, str) or not value.strip():
        raise ConfigError("`state` must be the path of a file.", path=path)
    state = path.parent / at_home(value)
    if state.exists() and not state.is_file():
        raise ConfigError(
            "`state` must be the path of a file, not of a folder, a pipe or a device.", path=path
        )
    return state


def _streams(path: Path, value: object) -> tuple[str, ...] | None:
    if value == "all" or value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ConfigError("`streams` must be `all` or a list of stream names.", path=path)
    if not value:
        raise ConfigError("`streams` is empty: write `all` or name the streams.", path=path)
    return tuple(dict.fromkeys(value))


def _alarms(path: Path, value: object) -> Alarms | None:
    if value is None:
        return None
    from people_sync.mail.alarms import parse_alarms

    return parse_alarms(value, path) or None


def _refuse_unknown_keys(path: Path, value: Mapping[Any, Any], known: set[str], place: str) -> None:
    for key in value:
        if key not in known:
            raise ConfigError(unknown_key(key, place, known, value), path=path)
