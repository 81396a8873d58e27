"""The few messages of Airbyte's protocol that a run prints itself, without the CDK (a second of start-up).

https://docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}


def trace(message: str, failure_type: str, stack_trace: str | None = None) -> dict[str, Any]:
    """An error trace; `failure_type` is config_error, transient_error or system_error."""
    error: dict[str, Any] = {"message": message, "failure_type": failure_type}
    if stack_trace is not None:
        error["stack_trace"] = stack_trace
    now = float(time.time_ns() // 1_000_000)
    return {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": now, "error": error}}


def say(message: Mapping[str, Any]) -> None:
    """Print one message, in signs that every locale can write."""
    sys.stdout.write(json.dumps(message) + "\n")


def log_as_messages(secrets: list[str]) -> None:
    """Let every line of the log be a LOG message in which no secret stands."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Line(secrets))
    debug = os.environ.get("LOG_LEVEL", "info").lower() == "debug"
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("airbyte").setLevel(logging.DEBUG if debug else logging.INFO)


def secrets_of(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """Give the secrets of a configuration, as its spec marks them."""
    if schema.get("airbyte_secret") and value not in (None, ""):
        yield str(value)
    if isinstance(value, Mapping):
        for variant in (schema, *schema.get("oneOf", ())):
            for name, property_schema in variant.get("properties", {}).items():
                yield from secrets_of(value.get(name), property_schema)
    elif isinstance(value, list):
        for item in value:
            yield from secrets_of(item, schema.get("items", {}))


class _Line(logging.Formatter):
    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(message)s")
        # The longest first: one may be part of another.
        self._secrets = sorted(set(secrets), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        for secret in self._secrets:
            text = text.replace(secret, "****")
        level = _LEVELS.get(record.levelname, record.levelname)
        message: dict[str, Any] = {"type": "LOG", "log": {"level": level, "message": text}}
        if progress := getattr(record, "progress", None):
            # For `people-sync run`; whoever doesn't know it reads the line.
            message["progress"] = progress
        return json.dumps(message)
