"""The read itself: fetch and check every list first, then let the records out.

The CDK's concurrent loop starts letting records out while another list may still turn out to
have lost a key, and its queue costs more than our whole mapping. Three short lists need no
threads. What the protocol asks for stays: a status per stream, the error of each failed stream,
a state after the last record, and an exit code that tells the truth.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import cast

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    AirbyteStreamStatus,
    FailureType,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from source_alveno.components import RecordChunk

logger = logging.getLogger("airbyte.source-alveno")

Item = AirbyteMessage | RecordChunk


def read_streams(streams: Sequence[AbstractStream]) -> Iterator[Item]:
    """Yield each stream's statuses, records and state.

    If a setting is wrong for one stream, no record of any is let out: half an account would look
    like people without employments. If the API only failed for now, the other streams go on.

    Raises at the end, after everything that could be read, if a stream failed.
    """
    failures: dict[str, AirbyteTracedException] = {}
    opened: list[tuple[AbstractStream, Iterator[RecordChunk]]] = []
    for stream in streams:
        yield _status(stream, AirbyteStreamStatus.STARTED)
        try:
            opened.append((stream, open_stream(stream)))
        except Exception as error:
            failures[stream.name] = as_traced(error)
            yield from _failed(stream, failures[stream.name])
    stopped = any(error.failure_type is FailureType.config_error for error in failures.values())
    for stream, records in opened:
        if stopped:
            yield _status(stream, AirbyteStreamStatus.INCOMPLETE)
        else:
            yield from _let_out(stream, records, failures)
    if failures:
        raise _summary(failures)


def open_stream(stream: AbstractStream) -> Iterator[RecordChunk]:
    """The stream's records, after its list was fetched and found good."""
    chunks = cast(
        "Iterator[RecordChunk]",
        chain.from_iterable(part.read() for part in stream.generate_partitions()),
    )
    first = next(chunks, None)
    return iter(()) if first is None else chain((first,), chunks)


def _let_out(
    stream: AbstractStream,
    chunks: Iterator[RecordChunk],
    failures: dict[str, AirbyteTracedException],
) -> Iterator[Item]:
    count = 0
    try:
        for chunk in chunks:
            if not count:
                yield _status(stream, AirbyteStreamStatus.RUNNING)
            count += len(chunk.records)
            yield chunk
    except Exception as error:
        failures[stream.name] = as_traced(error)
        yield from _failed(stream, failures[stream.name])
        return
    logger.info(f"Read {count} records from {stream.name}.")
    # Before the status: a reader may close the stream's books on COMPLETE.
    yield _state(stream)
    yield _status(stream, AirbyteStreamStatus.COMPLETE)


def as_traced(error: Exception) -> AirbyteTracedException:
    if isinstance(error, AirbyteTracedException):
        return error
    # The type only: the text of an unexpected error may quote a record.
    text = f"The source failed unexpectedly ({type(error).__name__})."
    return AirbyteTracedException(text, message=text, failure_type=FailureType.system_error)


def _failed(stream: AbstractStream, error: AirbyteTracedException) -> Iterator[AirbyteMessage]:
    logger.error(f"{stream.name}: {error.message}")
    yield error.as_sanitized_airbyte_message(StreamDescriptor(name=stream.name))
    yield _status(stream, AirbyteStreamStatus.INCOMPLETE)


def _summary(failures: dict[str, AirbyteTracedException]) -> AirbyteTracedException:
    types = {error.failure_type for error in failures.values()}
    order = (FailureType.config_error, FailureType.system_error, FailureType.transient_error)
    streams: dict[str, list[str]] = {}
    for name, error in failures.items():
        streams.setdefault(str(error.message), []).append(name)
    text = " ".join(f"{', '.join(names)}: {message}" for message, names in streams.items())
    return AirbyteTracedException(
        text, message=text, failure_type=next(kind for kind in order if kind in types)
    )


def _status(stream: AbstractStream, status: AirbyteStreamStatus) -> AirbyteMessage:
    return as_airbyte_message(StreamDescriptor(name=stream.name), status)


def _state(stream: AbstractStream) -> AirbyteMessage:
    blob = AirbyteStateBlob({"__ab_no_cursor_state_message": True})
    state = AirbyteStreamState(
        stream_descriptor=StreamDescriptor(name=stream.name), stream_state=blob
    )
    return AirbyteMessage(
        type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=state)
    )
