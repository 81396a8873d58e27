"""The CDK's queue between the threads that read and the one that prints, without its lock per record."""

import threading
from collections import defaultdict, deque
from queue import Queue
from typing import Any

from airbyte_cdk.sources.types import Record

BATCH = 500


class BatchQueue(Queue[Any]):
    """Hands on a thread's records by the hundred; anything else at once, behind what came before it.

    A partition ends with something else, so nothing of it stays here when it counts as read.
    """

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(max(maxsize // BATCH, 1))
        self._unsent: defaultdict[int, list[Any]] = defaultdict(list)  # by thread
        self._taken: deque[Any] = deque()  # of the one thread that prints

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        thread = threading.get_ident()
        batch = self._unsent[thread]
        batch.append(item)
        if len(batch) < BATCH and item.__class__ is Record:
            return
        del self._unsent[thread]
        super().put(batch, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not self._taken:
            self._taken.extend(super().get(block, timeout))
        return self._taken.popleft()

    def empty(self) -> bool:
        return not self._taken and super().empty()
