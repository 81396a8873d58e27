"""The main thread's book-keeping: statuses, states and counts, in the order in which things ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateMessage,
    AirbyteStreamStatus,
    ConfiguredAirbyteCatalog,
    SyncMode,
)
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from source_loket.messages import Page, SliceRead, state_message

_log = logging.getLogger("airbyte.source-loket")


@dataclass(slots=True)
class _StreamProgress:
    stream: AbstractStream
    employers: dict[str, Any]
    records: int = 0
    records_since_state: int = 0
    slices: int = 0
    slices_since_state: int = 0
    has_state: bool = False


@dataclass(slots=True)
class Progress:
    """Follows the messages of a read and adds what the protocol wants said in between."""

    streams: Sequence[AbstractStream]
    known: Mapping[str, Mapping[str, Any]]
    shape: str
    _of: dict[str, _StreamProgress] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for stream in self.streams:
            known = dict(self.known.get(stream.name, {}))
            self._of[stream.name] = _StreamProgress(stream, known)

    def follow(self, messages: Iterable[AirbyteMessage]) -> Iterator[AirbyteMessage]:
        for message in messages:
            if isinstance(message, Page):
                yield from self._note_page(message)
            elif isinstance(message, SliceRead):
                yield from self._note_slice(message)
            else:
                yield from self._note_end(message)
                yield message

    def _note_page(self, page: Page) -> Iterator[AirbyteMessage]:
        if not page.count:
            return
        progress = self._of[page.stream]
        if not progress.records:
            yield as_airbyte_message(
                progress.stream.as_airbyte_stream(), AirbyteStreamStatus.RUNNING
            )
        progress.records += page.count
        progress.records_since_state += page.count
        yield page

    def _note_slice(self, end: SliceRead) -> Iterator[AirbyteMessage]:
        progress = self._of[end.stream]
        if end.employer_id:
            progress.employers[end.employer_id] = end.entry
        progress.slices += 1
        progress.slices_since_state += 1
        # One state per employer; with thousands of employers every state is long, so they get
        # rarer: all states together stay in proportion to the last one.
        if progress.slices_since_state >= max(1, progress.slices // 100):
            yield self._state(progress)

    def _note_end(self, message: AirbyteMessage) -> Iterator[AirbyteMessage]:
        """Say the last state before the stream's last status, not after it as the CDK does."""
        status = message.trace.stream_status if message.trace else None
        if status is None or status.status not in (
            AirbyteStreamStatus.COMPLETE,
            AirbyteStreamStatus.INCOMPLETE,
        ):
            return
        progress = self._of[status.stream_descriptor.name]
        _log.info("Read %d records of %s.", progress.records, progress.stream.name)
        if progress.slices_since_state or not progress.has_state:
            yield self._state(progress)

    def _state(self, progress: _StreamProgress) -> AirbyteMessage:
        state = {"fields": self.shape, "employers": dict(progress.employers)}
        message = state_message(progress.stream.name, state, progress.records_since_state)
        progress.records_since_state = progress.slices_since_state = 0
        progress.has_state = True
        return message


def known_employers(
    state: list[AirbyteStateMessage], catalog: ConfiguredAirbyteCatalog, shape: str
) -> dict[str, dict[str, Any]]:
    """Give per incremental stream what an earlier read remembered of each employer.

    A full refresh remembers nothing, and neither does a read of other fields.
    """
    manager = ConnectorStateManager(state)
    known: dict[str, dict[str, Any]] = {}
    for configured in catalog.streams:
        if configured.sync_mode != SyncMode.incremental:
            continue
        remembered = manager.get_stream_state(configured.stream.name, None)
        employers = remembered.get("employers") if remembered.get("fields") == shape else None
        known[configured.stream.name] = dict(employers) if isinstance(employers, dict) else {}
    return known
