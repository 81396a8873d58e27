"""The commands: the CDK's, with pages printed as they are and a truthful exit code."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterable, Sequence

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.exception_handler import init_uncaught_exception_handler
from airbyte_cdk.logger import PRINT_BUFFER, init_logger
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_loket.messages import Page
from source_loket.source import SourceLoket

_log = init_logger("airbyte")


def run_command(arguments: Sequence[str]) -> None:
    """Run one command and leave the process."""
    init_uncaught_exception_handler(_log)
    code = 0
    try:
        _launch(list(arguments))
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, it is reported and the exit code says so
        code = 1
        _report()
    _leave(code)


def _launch(arguments: list[str]) -> None:
    parsed = AirbyteEntrypoint.parse_args(arguments)
    logging.getLogger("airbyte.SourceLoket").addFilter(_keep_it_short)
    with PRINT_BUFFER:
        entrypoint = LoketEntrypoint(_make_source(parsed))
        for text in entrypoint.run(parsed):
            print(f"{text}\n", end="")  # noqa: T201


def _make_source(parsed: argparse.Namespace) -> SourceLoket:
    config = getattr(parsed, "config", None)
    catalog = getattr(parsed, "catalog", None)
    state = getattr(parsed, "state", None)
    return SourceLoket(
        catalog=SourceLoket.read_catalog(catalog) if catalog else None,
        config=SourceLoket.read_config(config) if config else None,
        state=SourceLoket.read_state(state) if state else None,
        config_path=config,
    )


class LoketEntrypoint(AirbyteEntrypoint):
    """Prints a page of records in one write instead of one message at a time."""

    source: SourceLoket

    def run(self, parsed_args: argparse.Namespace) -> Iterable[str]:
        if parsed_args.command != "read":
            yield from super().run(parsed_args)
            return
        if parsed_args.debug:
            self.logger.setLevel(logging.DEBUG)
        spec = self.source.spec(self.logger)
        config = self.source.configure({}, "")
        self.set_up_secret_filter(config, spec.connectionSpecification)
        self.validate_connection(spec, config)
        catalog = self.source.read_catalog(parsed_args.catalog)
        for message in self.source.read_pages(catalog):
            if isinstance(message, Page):
                _print_bytes(message.lines)
            else:
                yield self.airbyte_message_to_string(message)


def _print_bytes(lines: bytes) -> None:
    with PRINT_BUFFER.lock:
        PRINT_BUFFER.flush()
        assert sys.__stdout__ is not None
        sys.__stdout__.buffer.write(lines)


def _keep_it_short(record: logging.LogRecord) -> bool:
    """Drop what the CDK says about records it did not count, and stack traces of known errors."""
    if str(record.msg).startswith("Read ") and "records from" in str(record.msg):
        return False
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, AirbyteTracedException):
        record.exc_info = record.exc_text = None
        record.msg, record.args = f"{record.msg}: {error.message}", ()
    return True


def _report() -> None:
    kind, error, trace = sys.exc_info()
    if isinstance(error, BrokenPipeError):
        return
    if isinstance(error, AirbyteTracedException):
        # It says what to do: a stack trace in the log would only hide it.
        error.emit_message()
        return
    if kind is not None and error is not None:
        sys.excepthook(kind, error, trace)


def _leave(code: int) -> None:
    """Exit now: a thread that still waits for a slow Loket must not keep the process alive."""
    try:
        PRINT_BUFFER.flush()
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = code or 1
    os._exit(code)
