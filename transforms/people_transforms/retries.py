"""Repeated attempts, by stamina, without its own log lines.

It would write them through structlog where that is installed: to standard output, which is Airbyte's.
"""

from __future__ import annotations

from stamina import Attempt, instrumentation, retry_context

__all__ = ["Attempt", "retry_context"]

instrumentation.set_on_retry_hooks([])
