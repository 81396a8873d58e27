"""Many different values of a strategy at once: one build of the models then answers for all."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Value = TypeVar("Value", bound=Hashable)


def drawn(strategy: st.SearchStrategy[Value], count: int) -> list[Value]:
    """Draw up to so many values, the same ones every time."""
    found: dict[Value, None] = {}

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Value) -> None:
        found[value] = None

    collect()
    return list(found)
