"""How often somebody may try: guessing links or tokens, and starting programs."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# A link is counted by itself, a wrong one by address, keys and programs by session: whoever has
# neither a link nor a session uses up nobody else's tries. So are the mails to one person: five an hour
# asked for from one place, and from all places so few that nobody's inbox is filled.
ALLOWED = {
    "link": "20/minute",
    "wrong link": "20/minute",
    "keys": "10/minute",
    "program": "12/minute",
    "sign in": "10/minute",
    "mail asked from one place": "5/hour",
    "mail": "25/hour",
}


class Limits:
    """Counts per kind and whose try it is, in memory: a restart forgives."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._allowed = {kind: parse(text) for kind, text in ALLOWED.items()}

    def may(self, kind: str, whose: str) -> bool:
        """Count one try and tell whether it is allowed."""
        return self._limiter.hit(self._allowed[kind], kind, whose)
