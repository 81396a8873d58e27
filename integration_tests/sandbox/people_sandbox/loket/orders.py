"""Which rows a filter and an order leave, remembered from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from people_sandbox.loket import filters
from people_sandbox.loket.lists import Rows

_MOST_ORDERS = 64


class Orders:
    """Remember which keys a filter and an order leave, so that a page costs a page."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], tuple[Any, Sequence[Any]]] = {}

    def keys(self, rows: Rows, query: dict[str, list[str]], version: str) -> Sequence[Any]:
        condition, order = query.get("filter", [""])[0], query.get("orderby", [""])[0]
        if not condition and not order:
            return rows.keys
        others = sorted(
            (name, *values) for name, values in query.items() if not name.startswith("page")
        )
        name = (id(rows.keys), rows.version, version, *others)
        if name not in self._kept:
            if len(self._kept) >= _MOST_ORDERS:
                self._kept.clear()
            # The list itself is kept beside, so that its id cannot be given to another one.
            self._kept[name] = (rows.keys, _ordered(rows, condition, order))
        return self._kept[name][1]


def _ordered(rows: Rows, condition: str, order: str) -> Sequence[Any]:
    quick = rows.sorts_by.get(order.strip().lstrip("-").casefold())
    if quick and not condition:
        return sorted(rows.keys, key=quick, reverse=order.strip().startswith("-"))
    pairs = [(key, rows.record(key)) for key in rows.keys]
    if condition:
        test = filters.parse_filter(condition)
        pairs = [pair for pair in pairs if test(pair[1])]
    return [key for key, _record in filters.sort(pairs, order)]
