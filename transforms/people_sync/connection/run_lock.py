"""One run of a connection at a time: a lock file beside the state, released with the process."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from people_transforms.errors import BusyError, ConfigError
from people_transforms.folders import make_folder


@contextmanager
def run_lock(state: Path) -> Iterator[None]:
    """Hold the lock of the connection whose state is kept in `state`.

    Raises BusyError that says which process holds it and since when.
    """
    path = state.with_name(state.name + ".lock")
    try:
        make_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(
            "The folder of the state file cannot be written.", path=path, reason=error.strerror
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                "Another run of this connection is still going on; this one did nothing.",
                **_holder(handle),
            ) from None
        note = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(note).encode(), 0)
        yield
    finally:
        # The file stays: removing it would let two runs lock two different files of that name.
        os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until nobody else holds this lock: no thread and no other process."""
    make_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        # The file stays: removing it would let two hold two different files of that name.
        os.close(handle)


def _holder(handle: int) -> dict[str, object]:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
        return {"pid": note["pid"], "since": note["since"]}
    except (ValueError, KeyError, TypeError):
        return {}
