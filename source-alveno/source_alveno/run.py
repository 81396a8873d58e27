"""The command `source-alveno spec|check|discover|read`.

A record goes from the mapped row to its line in one step. The CDK's own path costs three times
as much per record, and leaves out the keys whose value is null.
"""

from __future__ import annotations

from source_alveno import quick_start  # isort: skip  - before anything imports the CDK

import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.exception_handler import init_uncaught_exception_handler
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateStats,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
)
from airbyte_cdk.sources.declarative import concurrent_declarative_source

from source_alveno.cdk_words import speak_for_the_cdk
from source_alveno.components import RecordChunk
from source_alveno.errors import ConfigError
from source_alveno.source import SourceAlveno


def run(args: Sequence[str] | None = None) -> None:
    """Run one command; whatever fails ends with an error message and exit code 1."""
    quick_start.finish()
    speak_for_the_cdk()
    # The tests hold the manifest against the CDK's schema; here that is 0.1 s of each start.
    concurrent_declarative_source.get_declarative_component_schema = dict
    init_uncaught_exception_handler(logging.getLogger("airbyte"))
    # At debug level the CDK writes whole bodies, which are people.
    logging.getLogger("airbyte.HttpRequester").setLevel(logging.INFO)
    parsed = AirbyteEntrypoint.parse_args(list(sys.argv[1:] if args is None else args))
    path = getattr(parsed, "config", None)
    source = SourceAlveno(config=_read_config(path) if path else None, config_path=path)
    output = sys.stdout.buffer
    # The log goes through this buffer too, so that no line is written into another.
    with PRINT_BUFFER:
        for line in Entrypoint(source, output).run(parsed):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()  # a status or a state is for now, not for when a buffer is full
    if args is None:
        # The process has nothing to tidy up, and taking its modules apart costs 0.1 s.
        output.flush()
        os._exit(0)


def _read_config(path: str) -> Mapping[str, Any]:
    try:
        return SourceAlveno.read_config(path)
    except (OSError, ValueError):
        raise ConfigError(f"The configuration {path} cannot be read as a JSON object.") from None


class Entrypoint(AirbyteEntrypoint):
    """The CDK's command line, but records are written as they come, many lines at a time."""

    def __init__(self, source: SourceAlveno, output: BinaryIO) -> None:
        super().__init__(source)
        self._source = source
        self._output = output

    def read(
        self,
        source_spec: ConnectorSpecification,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[Any],
    ) -> Iterator[AirbyteMessage]:
        self.set_up_secret_filter(config, source_spec.connectionSpecification)
        self.validate_connection(source_spec, config)
        yield from write_records(self._source.read_items(catalog), self._output)


def write_records(
    items: Iterable[AirbyteMessage | RecordChunk], output: BinaryIO
) -> Iterator[AirbyteMessage]:
    """Write the lines of each chunk, and yield the other messages in their place between them."""
    count = 0
    for item in items:
        if isinstance(item, RecordChunk):
            PRINT_BUFFER.flush()  # what was said before is written before
            output.write(record_lines(item.stream_name, item.records))
            count += len(item.records)
            continue
        if item.state:
            item.state.sourceStats = AirbyteStateStats(recordCount=float(count))
            count = 0
        yield item


def record_lines(stream: str, records: list[dict[str, Any]]) -> bytes:
    """One RECORD message a line, nulls written out."""
    head = b'{"type":"RECORD","record":{"stream":"%s","data":' % stream.encode()
    tail = b',"emitted_at":%d}}\n' % (time.time_ns() // 1_000_000)
    return head + (tail + head).join(map(orjson.dumps, records)) + tail
