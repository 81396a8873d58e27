"""Start a program's real entry point many times, and kill it at a chosen point.

    python edges.py MODULE[:FUNCTION]      the function is `run` unless it is said

Importing the CDK takes longer than a small night, so this process imports the connector once and
forks a fresh process per order. An order is one line of JSON on standard input, answered by one:

    {"argv": […], "stdin": path, "stdout": path, "stderr": path, "cwd": path,
     "points": path, "kill_at": n?, "largest_file": bytes?, "plant": name?}
                                                    →  {"code": exit code, or minus the signal}

Nothing of the connector is replaced. Only where it touches the world (a commit, a call to the
vendor, a file put in place, an acknowledged state) the point is counted and written to `points`,
and the process kills itself with SIGKILL at point number `kill_at`: before or after the touch. `plant`
names a fault of `planted_bugs.py` that this process has.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from people_sync.running.warm import import_components, read_ahead

# What is durable on its own: a commit, and any write to a kept table outside a transaction.
_DURABLE = re.compile(
    r"\s*(checkpoint"
    r"|(insert into|update|delete from|alter table|create table( if not exists)?) (sync|raw)\.)",
    re.IGNORECASE,
)
_IN_LAKE = re.compile(
    r"\s*(insert into|update|delete from|alter|create)\b.*\blake\.", re.IGNORECASE
)


class Points:
    """Counts the touches of one process and kills it at the chosen one."""

    def __init__(self, path: str, kill_at: int | None) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._kill_at = kill_at
        self._count = 0
        self._lock = threading.Lock()

    def touch(self, name: str) -> None:
        with self._lock:
            self._count += 1
            os.write(self._handle, f"{name}\n".encode())
            if self._count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, holder: Any, name: str, label: Callable[..., str | None]) -> None:
        """Count a point before and after each call of `holder.name` that `label` gives a name."""
        original = getattr(holder, name)

        def wrapped(*args: Any, **options: Any) -> Any:
            what = label(*args, **options)
            if what is None:
                return original(*args, **options)
            self.touch(f"before {what}")
            answer = original(*args, **options)
            self.touch(f"after {what}")
            return answer

        setattr(holder, name, wrapped)


class _StateLines(io.BufferedWriter):
    """Standard output that counts a point around each acknowledged state."""

    points: Points

    def write(self, content: Any) -> int:
        if not bytes(content).startswith(b'{"type":"STATE"'):
            return super().write(content)
        self.points.touch("before a state")
        written = super().write(content)
        self.points.touch("after a state")
        return written

    def flush(self) -> None:
        super().flush()


class _Connection:
    """A DuckDB connection that passes everything on; `execute` is where a commit happens."""

    points: Points

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._is_open = self._has_lake = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def execute(self, query: str, *args: Any, **options: Any) -> Any:
        words = query.lower().split()
        what = self._touched(query, words)
        if what:
            self.points.touch(f"before {what}")
        answer = self._connection.execute(query, *args, **options)
        # Several statements in one text may begin a transaction and end it.
        if words[0] in ("begin", "commit", "rollback"):
            self._is_open = words[0] == "begin" and words[-1] != "commit"
        if words[0] in ("attach", "detach"):
            self._has_lake = query.startswith("attach 'ducklake:")
        if what:
            self.points.touch(f"after {what}")
        return answer

    def _touched(self, query: str, words: list[str]) -> str | None:
        if "commit" in (words[0], words[-1]):
            kind = "commit" if words[0] == "commit" else "definitions"
            return f"{kind} of the lake" if self._has_lake else kind
        if not self._is_open and _IN_LAKE.match(query):
            return f"{words[0]} of the lake"
        if not self._is_open and _DURABLE.match(query):
            return " ".join(query.split()[:3])[:40]
        return None


def watch(points: Points) -> None:
    """Put the counting around every edge of this process."""
    import duckdb
    import httpx
    import requests

    connect = duckdb.connect
    _Connection.points = _StateLines.points = points
    duckdb.connect = lambda *args, **options: _Connection(connect(*args, **options))
    points.around(
        httpx.HTTPTransport,
        "handle_request",
        lambda _, request: f"{request.method} {request.url.path}",
    )
    points.around(
        requests.adapters.HTTPAdapter,
        "send",
        lambda _, request, **options: f"{request.method} {request.path_url}",
    )
    points.around(os, "replace", lambda source, target, **_: f"replace {Path(target).name}")
    points.around(subprocess, "run", lambda *_, **options: "copy of the working file")
    sys.stdout = io.TextIOWrapper(_StateLines(io.FileIO(1, "wb", closefd=False)), "utf-8")


def _live(order: dict[str, Any], start: Callable[[], None]) -> int:
    """Be the ordered process."""
    os.chdir(order["cwd"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        handle = os.open(order[name], flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "wb", closefd=False)), "utf-8")
    if order.get("points"):
        watch(Points(order["points"], order.get("kill_at")))
    if order.get("plant"):
        importlib.import_module("planted_bugs").PLANTED[order["plant"]]()
    if order.get("largest_file"):
        limit = int(order["largest_file"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    sys.argv = ["main.py", *order["argv"]]
    try:
        start()
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def main() -> None:
    """Take orders until standard input ends."""
    module, _, name = sys.argv[1].partition(":")
    start = getattr(importlib.import_module(module), name or "run")
    # What each would import or read again.
    importlib.import_module("psycopg")
    import_components(module)
    read_ahead()
    gc.freeze()
    pending = b""
    while chunk := os.read(0, 65536):
        pending += chunk
        while b"\n" in pending:
            line, _, pending = pending.partition(b"\n")
            child = os.fork()
            if child == 0:
                os._exit(_live(json.loads(line), start))
            _, status = os.waitpid(child, 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
            os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
