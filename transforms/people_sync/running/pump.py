"""The pump between source and destination: RECORD lines pass as bytes, the rest is listened to.

Nothing is kept: a slow destination slows the source down through the two pipes, and memory stays
flat. A line is parsed only when it is not plainly a record.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from people_sync.running.messages import parse, part

CHUNK = 1 << 20
_LAST_WORDS_SECONDS = 5
RECORD_STARTS = (b'{"type":"RECORD"', b'{"type": "RECORD"')
STREAM_KEY = b'"stream":'

Listener = Callable[[dict[str, Any]], bool]
"""Takes a message that is no record and tells whether the destination must see it too."""


def pump(source: int, destination: int, listen: Listener, counts: Counter[str]) -> None:
    """Forward the source's lines until it ends, counting records per stream.

    Raises BrokenPipeError when the destination is no longer there, also while the source says nothing.
    Lines that are no Airbyte message are counted under the empty name and dropped: they may hold anything.
    """
    for handle in (source, destination):
        _widen(handle)
    stream, start = "", b"\n"
    for lines in read_lines(source, destination):
        forwarded = []
        for line in lines:
            # Records come in long rows of one stream: the start of the last one tells most.
            if line.startswith(start):
                counts[stream] += 1
                forwarded.append(line)
            elif line.startswith(RECORD_STARTS):
                stream, start = _stream_of(line)
                counts[stream] += 1
                forwarded.append(line)
            elif _is_forwarded(line, listen, counts):
                forwarded.append(line)
        if forwarded:
            forwarded.append(b"")
            _write(destination, b"\n".join(forwarded))
    if _is_left(destination):  # before it was told that this was all
        raise BrokenPipeError


def read_lines(handle: int, onward: int | None = None) -> Iterator[list[bytes]]:
    """Yield the complete lines of a pipe as they come, without their line ends.

    A last line without an end is a line only if it is whole: a source that was killed leaves half.
    Raises BrokenPipeError when nobody reads the pipe `onward` any more and nothing comes.
    """
    pending: list[bytes] = []
    while chunk := _read(handle, onward):
        end = chunk.rfind(b"\n")
        if end < 0:
            pending.append(chunk)
            continue
        pending.append(chunk[:end])
        lines = b"".join(pending).split(b"\n")
        pending = [chunk[end + 1 :]] if end + 1 < len(chunk) else []
        yield lines
    last = b"".join(pending)
    if last and parse(last) is not None:
        yield [last]


def _read(handle: int, onward: int | None) -> bytes:
    """Read what comes. Where nobody is left to pass it on to, a source has a moment more: of a token that it is
    renewing nobody else knows.
    """
    if onward is not None:
        either = select.poll()
        either.register(handle, select.POLLIN)
        either.register(onward, 0)  # that its reader is gone is told unasked
        if handle not in dict(either.poll()):
            either.unregister(onward)
            if not either.poll(_LAST_WORDS_SECONDS * 1000):
                raise BrokenPipeError
    return os.read(handle, CHUNK)


def _is_left(handle: int) -> bool:
    """Tell whether nobody reads a pipe any more."""
    alone = select.poll()
    alone.register(handle, 0)
    return bool(alone.poll(0))


def _is_forwarded(line: bytes, listen: Listener, counts: Counter[str]) -> bool:
    if not line or line.isspace():
        return False
    message = parse(line)
    if message is None:
        counts[""] += 1
        return False
    if message["type"] == "RECORD":
        counts[_named(message)] += 1
        return True
    return listen(message)


def _stream_of(line: bytes) -> tuple[str, bytes]:
    """Find a record's stream, and the start that every record of that stream written so has.

    Where the name does not stand near the start the line is parsed and no start is given.
    """
    key = line.find(STREAM_KEY, 0, 120)
    data = line.find(b'"data":', 0, 120)
    if key >= 0 and (data < 0 or key < data):
        start = line.find(b'"', key + len(STREAM_KEY)) + 1
        end = line.find(b'"', start)
        if 0 < start < end and line.find(b"\\", start, end) < 0:
            return line[start:end].decode("utf-8", "replace"), line[: end + 1]
    message = parse(line)
    return _named(message or {}), b"\n"


def _named(message: dict[str, Any]) -> str:
    return str(part(message, "record").get("stream", ""))


def _widen(handle: int) -> None:
    """Let a pipe hold 1 MB where the system can: fewer, larger reads and writes."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_SETPIPE_SZ, CHUNK)


def _write(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
