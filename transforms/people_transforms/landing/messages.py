"""Standard input as Airbyte messages: RECORD lines stay bytes, everything else is parsed.

Parsing a record in Python costs more than storing it, so a block of input in which every line is a
RECORD of one stream, in the spelling that the CDK writes, is passed on as it is; other blocks are
looked at line by line (any key order is understood). A line that is no message is counted by its
number and never logged: it may hold personal data.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from people_transforms.landing.lines_file import LinesFile, lines_file

_RECORD_PREFIX = b'{"type":"RECORD","record":{"stream":"'
_BATCH_BYTES, _LARGE_BYTES = 128 * 1024 * 1024, 16 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024


@dataclass(slots=True)
class Batch:
    """RECORD lines of one stream in the order they came, in a file.

    A piece is the line number on standard input of its first line, and the size of its whole lines.
    """

    stream: str
    file: LinesFile
    pieces: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0

    def add(self, first: int, count: int, piece: bytes) -> None:
        self.file.write(piece)
        self.pieces.append((first, len(piece)))
        self.count += count

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Give each line with its number."""
        start = 0
        for first, size in self.pieces:
            piece = self.file.read(start, size)
            yield from enumerate(piece.split(b"\n")[:-1], start=first)
            start += size


@dataclass(slots=True)
class Intake:
    """What arrived beside the records: states in order, statuses, and lines that are no message."""

    states: list[bytes] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    record_counts: dict[str, int] = field(default_factory=dict)
    unreadable_lines: list[int] = field(default_factory=list)
    unknown_streams: dict[str, int] = field(default_factory=dict)

    def note_status(self, stream: str, status: str) -> None:
        """Keep the latest status of a stream; one that failed once was not read whole."""
        if self.statuses.get(stream) != "INCOMPLETE":
            self.statuses[stream] = status

    def doubt_an_end_before(self, stream: str) -> None:
        """A record behind the COMPLETE of its stream: whoever said so did not know the end."""
        if self.statuses.get(stream) == "COMPLETE":
            self.statuses[stream] = "INCOMPLETE"

    def is_cleared(self, replaced: Collection[str]) -> bool:
        """Tell whether this is a Clear of Airbyte: no record, and a null state of each stream.

        `replaced` are the streams whose earlier generations are to go.
        """
        if self.record_counts or self.unreadable_lines or not (self.states and replaced):
            return False
        return all(_is_null_state(line) for line in self.states)


def chunks(stream: io.BufferedReader) -> Iterable[bytes]:
    """Read a stream as it comes, without looking for its lines."""
    return iter(lambda: stream.read1(_CHUNK_BYTES), b"")


def read_messages(
    chunks: Iterable[bytes], streams: frozenset[str], intake: Intake
) -> Iterator[Batch]:
    """Yield batches of RECORD lines of known streams; fill `intake` with everything else.

    `chunks` are pieces of standard input, cut anywhere. A batch holds until the next is asked for.
    """
    batches: dict[str, Batch] = {}
    spare: list[LinesFile] = []
    with contextlib.ExitStack() as files:
        for number, lines, block in _blocks(chunks):
            for stream, first, count, piece in _pieces(number, lines, block, intake):
                intake.record_counts[stream] = intake.record_counts.get(stream, 0) + count
                intake.doubt_an_end_before(stream)
                if stream not in streams:
                    intake.unknown_streams[stream] = intake.unknown_streams.get(stream, 0) + count
                    continue
                if stream not in batches:
                    # Streams come one after the other: those before this one make room.
                    for large in [b for b in batches.values() if b.file.size >= _LARGE_BYTES]:
                        yield large
                        spare.append(batches.pop(large.stream).file)
                    file = spare.pop() if spare else files.enter_context(lines_file())
                    file.clear()
                    batches[stream] = Batch(stream, file)
                batch = batches[stream]
                batch.add(first, count, piece)
                if batch.file.size >= _BATCH_BYTES:
                    yield batch
                    spare.append(batches.pop(stream).file)
        yield from batches.values()


def _blocks(chunks: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Join chunks to whole lines: (number of the first line, lines, block)."""
    number, rest = 1, list[bytes]()
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            rest.append(chunk)
            continue
        block = b"".join([*rest, memoryview(chunk)[:cut]])
        lines = _count_lines(block)
        yield number, lines, block
        number += lines
        rest = [chunk[cut:]]
    last = b"".join(rest)
    if last:
        yield number, 1, last + b"\n"


def _count_lines(block: bytes) -> int:
    """Count by jumping from end to end: `bytes.count` of one byte looks at each of a thousand."""
    lines = end = 0
    while end := block.find(b"\n", end) + 1:
        lines += 1
    return lines


def _pieces(
    number: int, lines: int, block: bytes, intake: Intake
) -> Iterator[tuple[str, int, int, bytes]]:
    """Split a block into pieces of one stream: (stream, first line number, lines, bytes)."""
    if block.startswith(_RECORD_PREFIX):
        head = block[: block.find(b'"', len(_RECORD_PREFIX)) + 1]
        if block.count(b"\n" + head) == lines - 1:
            yield _stream_of(head), number, lines, block
            return
    for line_number, line in enumerate(block.split(b"\n")[:-1], start=number):
        if line.startswith(_RECORD_PREFIX):
            yield _stream_of(line), line_number, 1, line + b"\n"
            continue
        stream = _parse_other(line, line_number, intake)
        if stream is not None:
            yield stream, line_number, 1, line + b"\n"


def _stream_of(line: bytes) -> str:
    start = len(_RECORD_PREFIX)
    return line[start : line.find(b'"', start)].decode("utf-8", "replace")


def _parse_other(line: bytes, number: int, intake: Intake) -> str | None:
    """Read a line that is not in the usual RECORD spelling; give the stream if it is a record."""
    if not line.strip():
        return None
    try:
        message = orjson.loads(line)
        kind = message["type"]
        if kind == "RECORD":
            return str(message["record"]["stream"])
        if kind == "STATE":
            intake.states.append(line.rstrip(b"\r\n"))
        elif kind == "TRACE":
            _note_status(message["trace"], intake)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        intake.unreadable_lines.append(number)
    return None


def _note_status(trace: dict[str, Any], intake: Intake) -> None:
    if trace.get("type") == "STREAM_STATUS":
        status = trace["stream_status"]
        intake.note_status(str(status["stream_descriptor"]["name"]), str(status["status"]))


def _is_null_state(line: bytes) -> bool:
    state = orjson.loads(line).get("state") or {}
    return not (state.get("stream") or {}).get("stream_state") and not state.get("data")
