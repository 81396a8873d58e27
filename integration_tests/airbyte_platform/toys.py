"""Two toy connectors on the platform, and what the toy source says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .pipe import PlatformPipe
from .processes import FreshProgram

# Without site packages, and so in a tenth of the time.
TOY = FreshProgram((sys.executable, "-I", "-S", Path(__file__).with_name("toy_connectors.py")))


def stream(name: str, *columns: str, **more: Any) -> dict[str, Any]:
    """A stream as a user has configured it; its key is `id`."""
    schema = {"type": "object", "properties": {column: {} for column in ("id", *columns)}}
    declared = {
        "name": name,
        "json_schema": schema,
        "supported_sync_modes": ["full_refresh"],
        "source_defined_primary_key": [["id"]],
    }
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    return {"stream": declared | more, **modes}


def record(name: str, /, **data: Any) -> dict[str, Any]:
    return {"type": "RECORD", "record": {"emitted_at": 5, "data": data, "stream": name}}


def state(name: str, count: float = 1.0, /, **blob: Any) -> dict[str, Any]:
    """A STATE, its keys in an order of its own."""
    of_stream = {"stream_state": blob, "stream_descriptor": {"name": name}}
    inner = {"sourceStats": {"recordCount": count}, "stream": of_stream, "type": "STREAM"}
    return {"state": inner, "type": "STATE"}


def status(name: str, word: str) -> dict[str, Any]:
    of_stream = {"stream_descriptor": {"name": name}, "status": word}
    trace = {"type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": of_stream}
    return {"type": "TRACE", "trace": trace}


# Two lists as a source reads them, with everything it says beside.
TWO_LISTS = [
    {"type": "LOG", "log": {"level": "INFO", "message": "begin"}},
    status("people", "STARTED"),
    record("people", id=1, name="Ž", note=None),
    state("people", cursor=1),
    record("people", id=2, name="B", note="b"),
    state("people", cursor=2),
    "this line is no message",
    status("people", "COMPLETE"),
    record("places", id=7),
    state("places", here=True),
    status("places", "INCOMPLETE"),
]


def toy_pipe(
    folder: Path,
    lines: list[Any] | None = None,
    source: dict[str, Any] | None = None,
    destination: dict[str, Any] | None = None,
    **choices: Any,
) -> PlatformPipe:
    """A pipe between toys; `source` and `destination` are more of their configurations."""
    folder.mkdir(exist_ok=True)
    said = {"lines": TWO_LISTS if lines is None else lines}
    (folder / "source.json").write_text(json.dumps(said | (source or {})))
    (folder / "destination.json").write_text(json.dumps(destination or {}))
    streams = choices.pop("streams", [stream("people", "name", "note"), stream("places")])
    return PlatformPipe(TOY, TOY, folder, streams, **choices)


def catalogs(pipe: PlatformPipe) -> list[dict[str, dict[str, Any]]]:
    """The catalogs that the destination was started with, streams by name."""
    lines = (pipe.folder / "catalogs").read_text().splitlines()
    return [{one["stream"]["name"]: one for one in json.loads(line)["streams"]} for line in lines]
