"""How an attempt ended, and what the platform does next: nothing, another attempt, or give up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .protocol import Message, error_of

Outcome = Literal["succeeded", "failed", "cancelled"]
MOST_COMPLETE_FAILURES = 5  # in a row
MOST_PARTIAL_FAILURES = 20


@dataclass(frozen=True)
class Failure:
    """One reason of a failed attempt, as a user reads it in the connection's history."""

    origin: str
    message: str
    failure_type: str


@dataclass
class Attempt:
    """One run of both connectors."""

    source_code: int = 0
    destination_code: int = 0
    is_struck: bool = False
    is_cancelled: bool = False
    # The destination was gone, so the source's end says nothing about the source.
    is_source_ended: bool = False
    # What the destination was given, and every message of each side.
    sent: list[bytes] = field(default_factory=list)
    source_said: list[Message] = field(default_factory=list)
    destination_said: list[Message] = field(default_factory=list)
    states: list[Message] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def codes(self) -> tuple[int, int]:
        return self.source_code, self.destination_code

    @property
    def outcome(self) -> Outcome:
        """An exit code other than 0 fails the attempt; an error trace alone does not."""
        if self.is_cancelled:
            return "cancelled"
        return "failed" if any(self.codes) else "succeeded"

    @property
    def failures(self) -> list[Failure]:
        """The first error trace of each side, or else what the platform says of its exit code."""
        sides = (
            ("source", 0 if self.is_source_ended else self.source_code, self.source_said),
            ("destination", self.destination_code, self.destination_said),
        )
        found = []
        for origin, code, said in sides:
            errors = [error for message in said if (error := error_of(message))]
            if errors:
                kind = errors[0].get("failure_type", "system_error")
                found.append(Failure(origin, errors[0]["message"], kind))
            elif code:
                words = f"Something went wrong within the {origin} connector"
                found.append(Failure(origin, words, "system_error"))
        return found if self.outcome == "failed" else []

    @property
    def is_for_the_user(self) -> bool:
        """A setting is wrong: another attempt would end the same way."""
        return any(failure.failure_type == "config_error" for failure in self.failures)

    @property
    def is_partial(self) -> bool:
        """Something was stored before it failed."""
        return self.outcome == "failed" and bool(self.states)

    def records(self, stream: str) -> list[dict[str, Any]]:
        """What the destination was given of one stream, by its name there."""
        given = [json.loads(line) for line in self.sent if b'"RECORD"' in line]
        return [one["record"]["data"] for one in given if one["record"]["stream"] == stream]


def is_retried(attempts: Sequence[Attempt]) -> bool:
    """True if the platform starts another attempt of the same job."""
    last = attempts[-1]
    if last.outcome != "failed" or last.is_for_the_user:
        return False
    in_a_row = 0
    for attempt in reversed(attempts):
        if attempt.is_partial:
            break
        in_a_row += 1
    partial = sum(attempt.is_partial for attempt in attempts)
    return in_a_row < MOST_COMPLETE_FAILURES and partial < MOST_PARTIAL_FAILURES
