"""A night waits for who has its store for a moment: somebody's yes, which must not cost the night."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from people_transforms.errors import BusyError
from people_transforms.retries import retry_context
from people_transforms.store.warehouse import Store, StorePaths, open_warehouse


@contextlib.contextmanager
def open_for_a_night(paths: StorePaths, patience: float = 10.0) -> Iterator[Store]:
    """Open the store as `open_warehouse` does, as soon as nobody has it.

    Raises BusyError when another has had it for so many seconds: that is a night too.
    """
    with contextlib.ExitStack() as opened:
        for attempt in retry_context(
            on=BusyError,
            attempts=None,
            timeout=patience,
            wait_initial=0.1,
            wait_max=0.1,
            wait_jitter=0,
        ):
            with attempt:
                store = opened.enter_context(open_warehouse(paths))
        yield store
