"""Faults that the crash matrix must find, planted in the process of one run (`edges.py`).

Each is invisible as long as nobody kills the process. Nothing of the product knows of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from people_transforms import night
from people_transforms.delivery import ledger


def intent_not_written() -> None:
    """A call is sent without a word in the store that it may have been."""
    ledger.intend = lambda *_: None


def ledger_written_after_the_call() -> None:
    """What is about to be sent is written down together with what became of it."""
    intend, settle = ledger.intend, ledger.settle
    waiting: list[tuple[Any, ...]] = []

    def settle_all(*args: Any) -> None:
        while waiting:
            intend(*waiting.pop(0))
        settle(*args)

    ledger.intend = lambda *args: waiting.append(args)
    ledger.settle = settle_all


def state_acknowledged_early() -> None:
    """A state goes back when its records are landed, not when they are settled."""
    land = night._land

    def land_and_acknowledge(*args: Any) -> Any:
        intake = land(*args)
        for state in intake.states:
            sys.stdout.buffer.write(state + b"\n")
        sys.stdout.buffer.flush()
        return intake

    night._land = land_and_acknowledge


PLANTED: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (intent_not_written, ledger_written_after_the_call, state_acknowledged_early)
}
