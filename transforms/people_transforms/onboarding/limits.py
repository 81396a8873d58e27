"""How often somebody may try: guessing links or tokens, and starting programs."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

ALLOWED = {"link": "20/minute", "keys": "10/minute", "program": "12/minute"}


class Limits:
    """Counts per kind and address, in memory: a restart forgives."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._allowed = {kind: parse(text) for kind, text in ALLOWED.items()}

    def may(self, kind: str, address: str) -> bool:
        """Count one try and tell whether it is allowed."""
        return self._limiter.hit(self._allowed[kind], kind, address)
