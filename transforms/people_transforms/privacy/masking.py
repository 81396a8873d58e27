"""What is shown to who did not ask for names. purposes.yaml decides, for every command and page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from people_transforms.models.purposes import Purpose, column_purposes, purpose_of

HIDDEN = "•••"
_NAMES_SOMEBODY = ("identity", "contact")
_TELLS_NOTHING = ("none", "access", "employment")


def is_harmless(column: str | None) -> bool:
    """Tell whether a column's values may stand in a masked report; one that nobody knows may not."""
    purpose = column_purposes()["common"].get(column or "")
    return purpose is not None and purpose.data in _TELLS_NOTHING


def names_somebody(table: str, column: str, source_system: str) -> bool:
    """Tell whether a column of the store holds names, numbers or addresses of people."""
    return _is_personal(purpose_of(table, column, source_system))


def without_names(
    field: str | None, typed_value: str | None, args: Mapping[str, Any]
) -> tuple[str | None, dict[str, Any]]:
    """Hide in what a finding says whatever names somebody: what was typed, and values beside it.

    What was typed into any other field is what there is to mend, and stays.
    """
    written = column_purposes()
    texts = [typed_value, *args.values()]
    if _is_personal(written["common"].get(field or "")) or any("@" in str(text) for text in texts):
        return HIDDEN if typed_value else typed_value, without_persons(args, HIDDEN)
    known = written["finding"]
    return typed_value, {
        name: HIDDEN if name not in known or _is_personal(known[name]) else value
        for name, value in args.items()
    }


def without_persons(args: Mapping[str, Any], instead: str | None) -> dict[str, Any]:
    """Hide the values of a finding that may tell who it is about or what was typed."""
    known = column_purposes()["finding"]
    return {
        name: value if name in known and known[name].data in _TELLS_NOTHING else instead
        for name, value in args.items()
    }


def _is_personal(purpose: Purpose | None) -> bool:
    return purpose is not None and purpose.data in _NAMES_SOMEBODY
