"""A limit of so many calls per window, counted in real time, as a vendor's gateway does it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass


@dataclass(slots=True)
class Allowance:
    """What one call is told."""

    limit: int
    remaining: int
    reset_seconds: int
    is_allowed: bool

    def headers(self) -> dict[str, str]:
        told = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_seconds),
        }
        return told if self.is_allowed else told | {"Retry-After": str(self.reset_seconds)}


class Window:
    """Counts the calls of the current window."""

    def __init__(self) -> None:
        self._until = 0.0
        self._count = 0

    def take(self, rule: dict[str, int] | None) -> Allowance:
        """Count one call; without a rule everything is allowed and the documented figures are told."""
        if not rule:
            return Allowance(600, 599, 60, True)
        now = time.monotonic()
        if now >= self._until:
            self._until, self._count = now + rule["seconds"], 0
        self._count += 1
        left = rule["limit"] - self._count
        return Allowance(
            rule["limit"], max(left, 0), max(1, math.ceil(self._until - now)), left >= 0
        )
