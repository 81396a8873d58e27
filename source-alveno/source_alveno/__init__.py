"""Airbyte source for Alveno attendance."""

from __future__ import annotations

from typing import Any

__all__ = ["SourceAlveno"]


def __getattr__(name: str) -> Any:
    # Importing the source imports the CDK (1 s): only those who ask for it pay.
    if name == "SourceAlveno":
        from source_alveno.source import SourceAlveno

        return SourceAlveno
    raise AttributeError(name)
