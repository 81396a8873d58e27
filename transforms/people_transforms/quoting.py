"""Text and names inside SQL, where no parameter can be bound (ATTACH, COMMENT, definitions)."""

from __future__ import annotations


def quoted(text: str) -> str:
    """Quote a string literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'
