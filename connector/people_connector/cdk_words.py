"""Put our own words in place of the CDK's, where it checks settings, logs an error or reports one.

The CDK quotes the value that its validator refuses, and sends an error's text and traceback along.
Its functions are replaced instead of called around, so that no path through it is forgotten.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airbyte_cdk import connector, entrypoint
from airbyte_cdk.destinations import destination
from airbyte_cdk.logger import AirbyteLogFormatter
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.concurrent_source import concurrent_read_processor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from people_connector.own_words import frames, named, read_json, wrong_settings

_as_message = AirbyteTracedException.as_airbyte_message
_as_line = AirbyteLogFormatter.format


def speak_for_the_cdk() -> None:
    """Replace the CDK's words in this process; called where it starts."""
    instead: list[tuple[Any, str, object]] = [
        (entrypoint, "check_config_against_spec_or_exit", _check_config),
        (destination, "check_config_against_spec_or_exit", _check_config),
        (connector.BaseConnector, "read_config", staticmethod(_read_config)),
        (connector.BaseConnector, "_read_json_file", staticmethod(_read_file)),
        (concurrent_read_processor, "generate_failed_streams_error_message", _failed_streams),
        (AirbyteTracedException, "as_airbyte_message", _as_airbyte_message),
        (AirbyteLogFormatter, "format", _format_line),
        (AirbyteLogFormatter, "formatException", lambda self, info: frames(info[1])),
    ]
    for owner, name, words in instead:
        # A later CDK without the function must fail here, not quote again.
        assert hasattr(owner, name), name
        setattr(owner, name, words)


def _check_config(config: Mapping[str, Any], spec: Any) -> None:
    wrong = wrong_settings(config, spec.connectionSpecification)
    if wrong:
        raise _refusal(" ".join(wrong))


def _read_config(config_path: str) -> dict[str, Any]:
    content = _read_file(config_path)
    if not isinstance(content, dict):
        raise _refusal(f"The configuration {config_path} cannot be read as one JSON object.")
    return content


def _read_file(file_path: str) -> Any:
    try:
        return read_json(file_path)
    except ValueError as error:
        raise _refusal(str(error)) from None


def _refusal(text: str) -> AirbyteTracedException:
    return AirbyteTracedException(text, text, FailureType.config_error)


def _as_airbyte_message(self: AirbyteTracedException, stream_descriptor: Any = None) -> Any:
    message = _as_message(self, stream_descriptor)
    assert message.trace is not None and message.trace.error is not None
    said, cause = message.trace.error, self._exception or self
    said.stack_trace = frames(cause)
    if not isinstance(cause, AirbyteTracedException):
        said.internal_message = named(cause)
        said.message = self.message or f"Stopped by an unexpected error: {named(cause)}."
    return message


def _format_line(self: AirbyteLogFormatter, record: logging.LogRecord) -> str:
    if isinstance(record.msg, BaseException):
        record.msg = _said(record.msg)
    return _as_line(self, record)


def _failed_streams(failures: Mapping[str, list[Exception]]) -> str:
    said = [f"{stream}: {_said(error)}" for stream, errors in failures.items() for error in errors]
    return f"During the sync, the following streams did not sync successfully: {' '.join(said)}"


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, AirbyteTracedException) else named(error)
