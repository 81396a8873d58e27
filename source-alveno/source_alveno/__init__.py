"""The Alveno source. `SourceAlveno` is made on demand: importing it imports the CDK."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "SourceAlveno":
        from source_alveno.source import SourceAlveno

        return SourceAlveno
    raise AttributeError(name)
