"""Loket's ``filter`` and ``orderBy``: eq ne lk gt ge lt le, and/or, null, dots into objects, doubled quotes.

Field names and values are compared without regard to case, as Loket says it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]
Test = Callable[[Record], bool]

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[()])|(?P<word>[^\s()']+))")
_OPERATORS = ("eq", "ne", "lk", "gt", "ge", "lt", "le")


class FilterError(ValueError):
    """The filter or the order cannot be read; the text is what Loket's caller sees."""


def find(record: Record, path: str) -> Any:
    """Follow a dotted path without regard to case; None where an object on the way is null."""
    value: Any = record
    for name in path.split("."):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise FilterError(f"The field '{path}' is not known.")
        for key in value:
            if key.casefold() == name.casefold():
                value = value[key]
                break
        else:
            raise FilterError(f"The field '{path}' is not known.")
    return value


def parse_filter(text: str) -> Test:
    """Turn a filter into a test; ``and`` binds closer than ``or``."""
    tokens = _tokens(text)
    test, rest = _any_of(tokens)
    if rest:
        raise FilterError(f"The filter has something after its end: '{rest[0]}'.")
    return test


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    text = text.strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise FilterError("The filter has a quote that is not closed.")
        tokens.append(found.group(0).strip())
        position = found.end()
    return tokens


def _any_of(tokens: list[str]) -> tuple[Test, list[str]]:
    test, tokens = _all_of(tokens)
    tests = [test]
    while tokens and tokens[0].casefold() == "or":
        test, tokens = _all_of(tokens[1:])
        tests.append(test)
    return (lambda record: any(one(record) for one in tests)), tokens


def _all_of(tokens: list[str]) -> tuple[Test, list[str]]:
    test, tokens = _one_of(tokens)
    tests = [test]
    while tokens and tokens[0].casefold() == "and":
        test, tokens = _one_of(tokens[1:])
        tests.append(test)
    return (lambda record: all(one(record) for one in tests)), tokens


def _one_of(tokens: list[str]) -> tuple[Test, list[str]]:
    if tokens and tokens[0] == "(":
        test, rest = _any_of(tokens[1:])
        if not rest or rest[0] != ")":
            raise FilterError("The filter has a bracket that is not closed.")
        return test, rest[1:]
    if len(tokens) < 3 or tokens[1].casefold() not in _OPERATORS:
        raise FilterError("The filter must read '<field> <eq|ne|lk|gt|ge|lt|le> <value>'.")
    field, operator, value = tokens[0], tokens[1].casefold(), _literal(tokens[2])
    return (lambda record: _compare(find(record, field), operator, value)), tokens[3:]


def _literal(token: str) -> str | None:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'").casefold()
    return None if token.casefold() == "null" else token.casefold()


def _compare(actual: Any, operator: str, wanted: str | None) -> bool:
    if wanted is None or actual is None:
        same = actual is None and wanted is None
        return same if operator == "eq" else (not same if operator == "ne" else False)
    left, right = _comparable(actual, wanted)
    if operator == "lk":
        return str(right) in str(left)
    results = {
        "eq": left == right, "ne": left != right, "gt": left > right,
        "ge": left >= right, "lt": left < right, "le": left <= right,
    }  # fmt: skip
    return bool(results[operator])


def _comparable(actual: Any, wanted: str) -> tuple[Any, Any]:
    if isinstance(actual, bool):
        return str(actual).casefold(), wanted
    if isinstance(actual, (int, float)):
        try:
            return actual, float(wanted) if "." in wanted else int(wanted)
        except ValueError as error:
            raise FilterError(f"'{wanted}' is not a number.") from error
    return str(actual).casefold(), wanted


def sort(pairs: list[tuple[Any, Record]], order: str) -> list[tuple[Any, Record]]:
    """Sort (key, record) by fields separated by commas; a minus in front sorts downwards; nulls first."""
    for part in reversed([part.strip() for part in order.split(",") if part.strip()]):
        path = part.lstrip("-+")
        keyed = [(_sort_key(find(pair[1], path)), pair) for pair in pairs]
        keyed.sort(key=lambda entry: entry[0], reverse=part.startswith("-"))
        pairs = [pair for _, pair in keyed]
    return pairs


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, "")
    if isinstance(value, (bool, int, float)):
        return (1, value)
    return (2, str(value).casefold())
