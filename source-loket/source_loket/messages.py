"""What the reading threads hand to the main thread: pages of records, and the end of a slice.

Both are AirbyteMessages, so that they pass through the CDK's queue untouched, in order. The main
thread prints a page as it is, and turns the end of a slice into a STATE message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteMessageSerializer,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateStats,
    AirbyteStateType,
    AirbyteStreamState,
    StreamDescriptor,
    Type,
)

from source_loket.records import parse_json


class Page(AirbyteMessage):
    """RECORD lines of one stream, rendered."""

    def __init__(self, stream: str, lines: bytes, count: int) -> None:
        super().__init__(type=Type.RECORD)
        self.stream = stream
        self.lines = lines
        self.count = count

    def messages(self) -> Iterator[AirbyteMessage]:
        """Give the records one by one, for callers that know no pages."""
        for line in self.lines.splitlines():
            yield AirbyteMessageSerializer.load(parse_json(line))


class SliceRead(AirbyteMessage):
    """The list of one employer was read whole (or was known to be unchanged)."""

    def __init__(self, stream: str, employer_id: str, entry: Mapping[str, Any]) -> None:
        super().__init__(type=Type.STATE)
        self.stream = stream
        self.employer_id = employer_id
        self.entry = entry


def state_message(stream: str, state: Mapping[str, Any], record_count: int) -> AirbyteMessage:
    return AirbyteMessage(
        type=Type.STATE,
        state=AirbyteStateMessage(
            type=AirbyteStateType.STREAM,
            stream=AirbyteStreamState(
                stream_descriptor=StreamDescriptor(name=stream),
                stream_state=AirbyteStateBlob(dict(state)),
            ),
            sourceStats=AirbyteStateStats(recordCount=float(record_count)),
        ),
    )
