"""The STATEs of one attempt: each gets an id, and must come back as it went, in order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from .protocol import Message, parsed, serialized


@dataclass
class StateBook:
    """What was given to the destination and what it gave back.

    `broken` holds the promises it did not keep, a sentence each. The platform itself would lose
    states or statistics over most of them and say nothing.
    """

    broken: list[str] = field(default_factory=list)
    returned: list[Message] = field(default_factory=list)
    _given: dict[int, bytes] = field(default_factory=dict)
    _waiting: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def numbered(self, message: Message) -> Message:
        """The STATE with an id, where it has none yet."""
        state = message["state"]
        return message | {"state": state | {"id": state.get("id", len(self._given) + 1)}}

    def give(self, message: Message, line: bytes) -> None:
        """Remember a STATE under the line that the destination gets."""
        number = message["state"]["id"]
        self._given[number] = line
        self._waiting[_stream_of(message)].append(number)

    def take_back(self, line: bytes) -> None:
        """Check a STATE that the destination gave back."""
        message = parsed(line)
        assert message is not None and message["type"] == "STATE"
        number = message["state"].get("id")
        if number not in self._given:
            self.broken.append(f"a state came back with the id {number}, which was not given")
            return
        waiting = self._waiting[_stream_of(message)]
        if number not in waiting:
            self.broken.append(f"state {number} came back twice, or for another stream")
            return
        if waiting[0] != number:
            self.broken.append(f"state {number} came back before state {waiting[0]}")
        waiting.remove(number)
        if line != self._given[number]:
            self._check_change(number, message)
        self.returned.append(message)

    def settle(self) -> None:
        """The destination says that it is done: every STATE must be back."""
        missing = sorted(number for waiting in self._waiting.values() for number in waiting)
        if missing:
            self.broken.append(f"the destination ended well without the states {missing}")

    def _check_change(self, number: int, message: Message) -> None:
        """The one change that is allowed: statistics of its own, which add up to the source's."""
        state: dict[str, Any] = dict(message["state"])
        stats = state.pop("destinationStats", None)
        if stats is None or serialized(message | {"state": state}) != self._given[number]:
            self.broken.append(f"state {number} came back changed")
            return
        stored = stats.get("recordCount", 0) + stats.get("rejectedRecordCount", 0)
        read = state.get("sourceStats", {}).get("recordCount")
        if read is not None and stored != read:
            self.broken.append(f"state {number}: {read} records were sent, {stored} are told of")


def _stream_of(message: Message) -> str:
    descriptor = message["state"].get("stream", {}).get("stream_descriptor", {})
    return f"{descriptor.get('namespace')}.{descriptor.get('name')}"
