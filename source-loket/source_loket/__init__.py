"""Airbyte source for Loket.nl payroll."""

from __future__ import annotations

from typing import Any

__all__ = ["SourceLoket"]


def __getattr__(name: str) -> Any:
    # Importing the source imports the CDK (1 s): only those who ask for it pay.
    if name == "SourceLoket":
        from source_loket.source import SourceLoket

        return SourceLoket
    raise AttributeError(name)
