"""Airbyte destination for Lunchdrive."""

from destination_lunchdrive.destination import DestinationLunchdrive

__all__ = ["DestinationLunchdrive"]
