"""Airbyte destination for Alleo."""

from destination_alleo.destination import DestinationAlleo

__all__ = ["DestinationAlleo"]
