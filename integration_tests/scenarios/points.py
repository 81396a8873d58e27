"""Names of the points at which a night is struck, and which of them one run takes.

A point is the moment before or after one durable touch of the world (`edges.py`). Its name is what it
is about: the operation of a call, else the touch and the operation that was called last before it, so
that each commit of a delivery has a name of its own and twenty equal states share one.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Draw:
    """The first, the last and one drawn thing of several; or every one, for `make matrix`."""

    random: random.Random
    takes_all: bool = False

    def few(self, things: Sequence[_Thing]) -> list[_Thing]:
        if self.takes_all or len(things) < 3:
            return list(things)
        return [things[0], self.random.choice(things[1:-1]), things[-1]]

    def one(self, things: Sequence[_Thing]) -> list[_Thing]:
        return list(things) if self.takes_all else [self.random.choice(things)]

    def some(self, things: Sequence[_Thing], count: int) -> list[_Thing]:
        """So many of them, in their order."""
        if self.takes_all or len(things) <= count:
            return list(things)
        return [things[n] for n in sorted(self.random.sample(range(len(things)), count))]

    def of_each_name(self, names: Mapping[int, str]) -> list[int]:
        """The numbers of points to take, from the name of each."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, name in names.items():
            found[name].append(number)
        return sorted(number for numbers in found.values() for number in self.few(numbers))


def names_of(points: Sequence[str], calls: Mapping[str, str]) -> dict[int, str]:
    """Name each point, counted from one; `calls` has the call that stands for each operation."""
    latest = "nothing"
    names = {}
    for number, point in enumerate(points, start=1):
        when, _, touch = point.partition(" ")
        operation = _operation(touch, calls)
        if operation is None:
            names[number] = f"{re.sub(r'[0-9]+', 'N', point)} ({latest} was called last)"
        else:
            names[number], latest = f"{when} {operation}", operation
    return names


def _operation(touch: str, calls: Mapping[str, str]) -> str | None:
    for operation, call in calls.items():
        method, path = call.split(" ")
        if fnmatchcase(touch, f"{method} *{path}"):
            return operation
    return None
