"""A log that strangers cannot fill: so many lines a minute, and one that says more were left out."""

from __future__ import annotations

import logging
import time
from typing import Any

from people_connector.own_words import frames

LINES_A_MINUTE = 30
_MINUTE = 60.0


class AtMost(logging.Filter):
    """Lets so many records of a handler through in each minute."""

    def __init__(self, lines: int = LINES_A_MINUTE) -> None:
        super().__init__()
        self._lines = lines
        self._since = -_MINUTE
        self._count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self._since >= _MINUTE:
            self._since, self._count = now, 0
        self._count += 1
        if self._count == self._lines:
            record.msg, record.args = "More was to be logged; it is left out for a minute.", None
            record.exc_info = record.exc_text = record.stack_info = None
        return self._count <= self._lines


class _Quoteless(logging.Formatter):
    """Tells of an error where it was and its class; its text may quote what was typed."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        return frames(ei[1])


def log_to_stderr() -> None:
    """Send warnings of everything in this process to standard error, within the limit."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Quoteless("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(AtMost())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
