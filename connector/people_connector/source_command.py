"""One command of a source: the CDK's `launch`, with a short log and a truthful exit code."""

import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint, launch
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.sources.declarative import concurrent_declarative_source
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

# isort: split
from people_connector.batches import BatchQueue
from people_connector.cdk_words import speak_for_the_cdk
from people_connector.guard import config_error
from people_connector.surroundings import keep_this_machine_direct, wrong_surroundings
from people_connector.uncut import hold_signals, wait_for_uncut

# What the CDK appends to a message of its own: stack traces, and bodies, which are people.
_TOO_MUCH = re.compile(
    r"\s*(Error traceback:|Traceback \(most|(Request|Response) (\(body\)|Content)).*", re.DOTALL
)


def run_command(source_class: type[YamlDeclarativeSource]) -> None:
    """Run the command that the arguments name and leave the process."""
    # The tests hold the manifest against the CDK's schema; here that is 0.2 s of each start.
    concurrent_declarative_source.get_declarative_component_schema = dict
    # The CDK makes one and hands it to whom it concerns; a record's way through its own is 2 µs more.
    concurrent_declarative_source.Queue = BatchQueue  # type: ignore[misc]
    # At debug level the CDK writes whole bodies.
    logging.getLogger("airbyte.HttpRequester").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.addFilter(shorten)
    speak_for_the_cdk()
    keep_this_machine_direct()
    hold_signals()
    code = 0
    try:
        _launch(source_class, sys.argv[1:])
    except SystemExit as leaving:  # argparse
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BrokenPipeError:
        code = 1
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told and the code says so
        code = 1
        if not isinstance(error, AirbyteTracedException):
            error = AirbyteTracedException.from_exception(error)
        error.emit_message()
    _leave(code)


def _launch(source_class: type[YamlDeclarativeSource], arguments: Sequence[str]) -> None:
    parsed = AirbyteEntrypoint.parse_args(list(arguments))
    if parsed.command != "spec" and (wrong := wrong_surroundings()):
        raise config_error(" ".join(wrong))
    paths = {name: getattr(parsed, name, None) for name in ("config", "catalog", "state")}
    given: dict[str, Any] = {
        name: _read(source_class, name, path) if path else None for name, path in paths.items()
    }
    source = source_class(**given, config_path=paths["config"])
    if given["catalog"]:
        _refuse_unknown_streams(source, given["catalog"])
    launch(source, list(arguments))


def _read(source_class: type[YamlDeclarativeSource], name: str, path: str) -> Any:
    """Read a file as the CDK does; JSON of another form is named by its file, and not quoted."""
    try:
        return getattr(source_class, f"read_{name}")(path)
    except AirbyteTracedException:
        raise
    except Exception:  # noqa: BLE001 - the CDK checks with whatever the first wrong value raises
        advice = "Leave `--state` out to read everything." if name == "state" else ""
        kind = "a state" if name == "state" else f"a {name}"
        raise config_error(
            f"The file {path} is not {kind} of Airbyte's. {advice}".strip()
        ) from None


def _refuse_unknown_streams(source: YamlDeclarativeSource, catalog: Any) -> None:
    """The CDK reads such a catalog with exit code 0: a renamed stream would fail silently."""
    # Not source.streams(): building them only to know their names takes half a second.
    known = [stream["name"] for stream in source._stream_configs(source.resolved_manifest)]
    unknown = {configured.stream.name for configured in catalog.streams} - set(known)
    if unknown:
        raise config_error(
            "The catalog has streams that this source does not have with these settings: "
            f"{', '.join(sorted(unknown))}. Refresh the schema of the connection. "
            f"Streams: {', '.join(known)}."
        )


def shorten(record: logging.LogRecord) -> bool:
    """Leave one line that says what failed."""
    error = record.exc_info[1] if record.exc_info else None
    text = "" if isinstance(record.msg, BaseException) else record.getMessage()
    text = _TOO_MUCH.sub("", text)
    # The CDK says so of each repetition, whatever the reason.
    text = text.replace("UserDefinedBackoffException: Rate limit exceeded", "No usable answer")
    if error is not None:
        said = error if isinstance(error, AirbyteTracedException) else type(error).__name__
        text = f"{text}: {said}".removeprefix(": ")
    record.msg, record.args, record.exc_info, record.exc_text = text, (), None, None
    return True


def _leave(code: int) -> None:
    """Exit now: a thread that still waits for a slow vendor must not keep the process alive."""
    wait_for_uncut()
    try:
        PRINT_BUFFER.flush()
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = code or 1
    os._exit(code)
