"""Many calls at once: every worker takes the next one itself, so nobody has to hand them out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(
    workers: ThreadPoolExecutor, count: int, do: Callable[[T], Iterable[R]], tasks: Sequence[T]
) -> list[R]:
    """Do every task with `count` workers, and give what came of them in the order of the tasks.

    After an exception in one of them, or one that interrupts the waiting, nothing more is begun.
    """
    waiting = deque(enumerate(tasks))
    done: dict[int, Iterable[R]] = {}

    def work() -> None:
        try:
            while waiting:
                try:
                    place, task = waiting.popleft()
                except IndexError:
                    return  # Another worker took the last one.
                done[place] = do(task)
        finally:
            waiting.clear()

    try:
        for ended in [workers.submit(work) for _ in range(min(count, len(tasks)))]:
            ended.result()
    finally:
        waiting.clear()
    return list(chain.from_iterable(done[place] for place in range(len(tasks))))
