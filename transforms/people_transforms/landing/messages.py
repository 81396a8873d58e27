"""Standard input as Airbyte messages: RECORD lines stay bytes, everything else is parsed.

Parsing a record in Python costs more than storing it, so a RECORD line is only classified by its
first bytes (any key order is understood, at the price of a parse). A line that is no message is
counted by its number and never logged: it may hold personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

# What the CDK and most sources write; other spellings take the parsed way.
_RECORD_PREFIX = b'{"type":"RECORD","record":{"stream":"'
_BATCH_BYTES = 48 * 1024 * 1024


@dataclass(slots=True)
class Batch:
    """RECORD lines of one stream, each with its line number on standard input."""

    stream: str
    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class Intake:
    """What arrived beside the records: states in order, statuses, and lines that are no message."""

    states: list[bytes] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    record_counts: dict[str, int] = field(default_factory=dict)
    unreadable_lines: list[int] = field(default_factory=list)
    unknown_streams: dict[str, int] = field(default_factory=dict)


def read_messages(
    lines: Iterable[bytes], streams: frozenset[str], intake: Intake
) -> Iterator[Batch]:
    """Yield batches of RECORD lines of known streams; fill `intake` with everything else."""
    open_batches: dict[str, Batch] = {}
    prefix_length = len(_RECORD_PREFIX)
    for number, line in enumerate(lines, start=1):
        if line.startswith(_RECORD_PREFIX):
            stream = line[prefix_length : line.find(b'"', prefix_length)].decode("utf-8", "replace")
        else:
            parsed = _parse_other(line, number, intake)
            if parsed is None:
                continue
            stream = parsed
        intake.record_counts[stream] = intake.record_counts.get(stream, 0) + 1
        if stream not in streams:
            intake.unknown_streams[stream] = intake.unknown_streams.get(stream, 0) + 1
            continue
        batch = open_batches.get(stream)
        if batch is None:
            batch = open_batches[stream] = Batch(stream)
        batch.numbers.append(number)
        batch.lines.append(line)
        batch.size += len(line)
        if batch.size >= _BATCH_BYTES:
            yield open_batches.pop(stream)
    yield from open_batches.values()


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
    except (orjson.JSONDecodeError, KeyError, TypeError):
        # A record cut in two (a source killed while printing) still names its stream: no proof then.
        intake.unreadable_lines.append(number)
    return None


def _note_status(trace: dict[str, Any], intake: Intake) -> None:
    if trace.get("type") == "STREAM_STATUS":
        status = trace["stream_status"]
        intake.statuses[str(status["stream_descriptor"]["name"])] = str(status["status"])
