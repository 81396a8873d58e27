"""Airbyte destination for Lunchdrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination_lunchdrive.destination import DestinationLunchdrive

__all__ = ["DestinationLunchdrive"]


def __getattr__(name: str) -> Any:
    """Import the CDK, which takes seconds, only for whoever wants the destination itself."""
    if name in __all__:
        from destination_lunchdrive import destination

        return getattr(destination, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
