"""The programs that the onboarding starts: a connector's check, its employers, the dry run.

Connectors run as processes, as they do at night; their configuration goes through a file that
only its owner may read, never through an argument.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people_transforms.errors import ConfigError
from people_transforms.exit_codes import DONE, FAILED

from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import ConnectionFile, Connector
from people_sync.running.messages import parse, part

PATIENCE_SECONDS = 300
_TOO_LATE = {
    "type": "TRACE",
    "trace": {"error": {"message": "The connection gave no answer in time; try again later."}},
}
_TIDIES = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check said. `config` is the configuration after it: a check may renew a token."""

    is_fine: bool
    sentence: str
    config: dict[str, Any]


def check(connector: Connector, config: Mapping[str, Any], folder: Path) -> Checked:
    """Let a connector check a configuration that is not saved yet."""
    with _kept_private(config) as path:
        messages, _ = _talk([connector.program, "check", "--config", path], folder)
        kept = _newest_config(messages, path)
    for message in messages:
        status = part(message, "connectionStatus")
        if message["type"] == "CONNECTION_STATUS" and status:
            sentence = str(status.get("message") or "")
            return Checked(status.get("status") == "SUCCEEDED", sentence, kept)
    return Checked(False, _error_of(messages), kept)


@dataclass(frozen=True, slots=True)
class Employers:
    """The employers of a source by name; where it did not list them all none, and a sentence says why.

    `config` is the configuration after it: a read may renew a token, also one that fails.
    """

    found: list[dict[str, str]]
    sentence: str
    config: dict[str, Any]


def read_employers(
    source: Connector, config: Mapping[str, Any], folder: Path, names: Mapping[str, str]
) -> Employers:
    """Read the employers that the source can see."""
    stream = {
        "name": "employers",
        "json_schema": {"type": "object"},
        "supported_sync_modes": ["full_refresh"],
    }
    catalog = {
        "streams": [
            {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
        ]
    }
    with _kept_private(config) as path:
        catalog_path = path.with_name("catalog.json")
        replace_file(catalog_path, json.dumps(catalog).encode())
        messages, code = _talk(
            [source.program, "read", "--config", path, "--catalog", catalog_path], folder
        )
        kept = _newest_config(messages, path)
    found, is_whole = {}, code == DONE
    for message in messages:
        record = part(message, "record", "data")
        if message["type"] == "RECORD" and record.get(names["id"]) is not None:
            key = str(record[names["id"]])
            found[key] = {"id": key, "name": str(record.get(names["name"]) or key)}
        is_whole &= part(message, "trace", "stream_status").get("status") != "INCOMPLETE"
    if not is_whole or not found:
        broke_off = "The source broke off while it listed employers."
        none = "The source shows no employer." if is_whole else broke_off
        return Employers([], _error_of(messages) or none, kept)
    return Employers(sorted(found.values(), key=lambda one: (one["name"], one["id"])), "", kept)


def read_places(
    destination: Connector, config: Mapping[str, Any], folder: Path
) -> list[dict[str, str]]:
    """List the companies or clients that the keys of a configuration can see.

    Raises ConfigError with the destination's own sentence.
    """
    with _kept_private(config) as path:
        messages, _ = _talk([destination.program, "places", "--config", path], folder)
    for message in messages:
        if isinstance(message.get("places"), list):
            return [
                {"key": str(one["key"]), "name": str(one["name"] or one["key"])}
                for one in message["places"]
            ]
    raise ConfigError(_error_of(messages) or "The destination did not list its places.")


def discover(source: Connector, folder: Path) -> dict[str, Any]:
    """Let a source list its streams; raises ConfigError with its own sentence."""
    messages, _ = _talk([source.program, "discover", "--config", source.config], folder)
    for message in messages:
        if message["type"] == "CATALOG" and isinstance(message.get("catalog"), dict):
            return dict(message["catalog"])
    raise ConfigError(_error_of(messages) or "The source did not list its streams.")


def start_run(file: ConnectionFile) -> subprocess.Popen[bytes]:
    """Start `people-sync run`, which only plans as long as nothing was approved."""
    command = [sys.executable, "-m", "people_sync.cli", "run", str(file.path)]
    return subprocess.Popen(
        [*command, "--output", "json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=file.folder,
    )


@contextmanager
def _kept_private(config: Mapping[str, Any]) -> Iterator[Path]:
    """Keep a configuration in a folder for its owner only, which goes whatever ends this process.

    Nobody tidies up after a kill; but it closes the pipe, which another process waits for.
    """
    folder = Path(tempfile.mkdtemp(prefix="people-sync-"))
    tidies = [sys.executable, "-I", "-S", "-c", _TIDIES, str(folder)]
    # In a session of its own: what stops this process and its group may not stop it.
    with subprocess.Popen(tidies, stdin=subprocess.PIPE, start_new_session=True):
        path = folder / "config.json"
        replace_file(path, json.dumps(config).encode())
        yield path


def _talk(command: list[str | Path], folder: Path) -> tuple[list[dict[str, Any]], int]:
    """Give what a program said, and how it ended. One that takes too long is ended; what it said counts."""
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=folder,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        said, code, more = ended.stdout, ended.returncode, []
    except subprocess.TimeoutExpired as late:
        said, code, more = late.stdout or b"", FAILED, [_TOO_LATE]
    return [message for line in said.splitlines() if (message := parse(line))] + more, code


def _newest_config(messages: list[dict[str, Any]], path: Path) -> dict[str, Any]:
    """Take a renewed token along: from the file if the connector wrote it, else from its message."""
    kept: dict[str, Any] = json.loads(path.read_bytes())
    for message in messages:
        changed = part(message, "control", "connectorConfig").get("config")
        if isinstance(changed, dict):
            kept = {key: value for key, value in changed.items() if not key.startswith("__")}
    return kept


def _error_of(messages: list[dict[str, Any]]) -> str:
    for message in messages:
        error = part(message, "trace", "error")
        if error.get("message"):
            return str(error["message"]).splitlines()[0]
    return ""
