"""Everything personal that a sandbox knows, to be looked for where it does not belong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from people_sandbox.client import Sandbox

_PERSONAL = {
    "Firstname", "Lastname", "Email", "ChipNumber",
    "firstName", "lastName", "emailAddress", "businessEmailAddress", "formattedName", "placeOfBirth",
}  # fmt: skip


def personal_values(box: Sandbox) -> set[str]:
    """Names, e-mail addresses and chips of everybody in both HR systems."""
    found: set[str] = set()
    for vendor in ("loket", "alveno"):
        for name in ("employees", "employments"):
            for record in box.world(vendor).get(name, []):
                found |= set(_values(record))
    return {value for value in found if len(value) > 4}


def told(texts: list[str], values: set[str]) -> list[str]:
    """The values that occur in the texts; must be none."""
    return sorted(value for value in values if any(value in text for text in texts))


def _values(node: Any, name: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, name)
    elif isinstance(node, str) and name in _PERSONAL:
        yield node.strip()
