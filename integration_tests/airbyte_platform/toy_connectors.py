"""A source and a destination of a few lines, to see what the pipe does between them.

    toy_connectors.py read|write --config FILE --catalog FILE [--state FILE]

What they do is said by their configurations: the source prints `lines`; the destination answers as
`states` says. Either may print a `trace` and ends with `exit`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# What a destination may do with the states it was given.
ANSWERS: dict[str, Callable[[list[str]], Iterable[str]]] = {
    "as given": lambda states: states,
    "without ids": lambda states: [
        _changed(line, lambda state: state.pop("id")) for line in states
    ],
    "in another order": lambda states: reversed(states),
    "only the last": lambda states: states[-1:],
    "twice": lambda states: [*states, *states[-1:]],
    "rewritten": lambda states: [json.dumps(json.loads(line)) for line in states],
    "none": lambda states: [],
    "counted": lambda states: [_changed(line, _count) for line in states],
    "miscounted": lambda states: [
        _changed(line, lambda state: state.update(destinationStats={"recordCount": 99.0}))
        for line in states
    ],
}


def _changed(line: str, change: Callable[[dict[str, Any]], Any]) -> str:
    message = json.loads(line)
    change(message["state"])
    return json.dumps(message, separators=(",", ":"))


def _count(state: dict[str, Any]) -> None:
    read = state["sourceStats"]["recordCount"]
    state["destinationStats"] = {"recordCount": read - 1.0, "rejectedRecordCount": 1.0}


def _read(config: dict[str, Any], arguments: dict[str, str]) -> None:
    if "--state" in arguments:
        given = Path(arguments["--state"]).read_text()
        print(json.dumps({"type": "LOG", "log": {"level": "INFO", "message": given}}))
    for line in config["lines"]:
        print(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False), flush=True)


def _write(config: dict[str, Any], arguments: dict[str, str]) -> None:
    with Path("catalogs").open("a") as seen:
        seen.write(Path(arguments["--catalog"]).read_text() + "\n")
    lines = []
    for line in sys.stdin:
        lines.append(line.rstrip("\n"))
        if len(lines) == config.get("leaves_after"):
            sys.exit(9)
    states = [line for line in lines if json.loads(line)["type"] == "STATE"]
    for line in ANSWERS[config.get("states", "as given")](states):
        print(line, flush=True)


def main() -> None:
    command, rest = sys.argv[1], sys.argv[2:]
    arguments = dict(zip(rest[::2], rest[1::2], strict=True))
    config = json.loads(Path(arguments["--config"]).read_text())
    {"read": _read, "write": _write}[command](config, arguments)
    if trace := config.get("trace"):
        print(
            json.dumps(
                {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 1, "error": trace}}
            )
        )
    sys.stdout.flush()
    sys.exit(config.get("exit", 0))


if __name__ == "__main__":
    main()
