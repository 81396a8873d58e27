"""Lists: places, slices, and what becomes of nulls in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from .run_models import USER_FUNCTIONS
from .words import spark

_PYTHON = {function.__name__ for function in USER_FUNCTIONS}


def _place(node: exp.Bracket) -> exp.Expression:
    """Count from one, and give null where nothing is; `[2:]` is the rest."""
    (place,) = node.expressions
    if isinstance(place, exp.Slice):
        return _part(node.this, place.this, place.expression)
    if place.is_int:
        # sqlglot counts literals from nought.
        place = exp.Literal.number(int(place.name) + 1)
    return spark("try_element_at(:list, cast(:place as int))", list=node.this, place=place)


def _slice(node: exp.ArraySlice) -> exp.Expression:
    """Spark's third argument is a length."""
    return _part(node.this, node.args["start"], node.args.get("end"))


def _part(
    whole: exp.Expression, start: exp.Expression, end: exp.Expression | None
) -> exp.Expression:
    last = spark("array_size(:list)", list=whole)
    if end is not None:
        last = spark("least(:end, :last)", end=end, last=last)
    return spark(
        "slice(:list, cast(:start as int), cast(greatest(:last - :start + 1, 0) as int))",
        list=whole, start=start, last=last,
    )  # fmt: skip


def _contains(node: exp.ArrayContains) -> exp.Expression:
    """A null in the list is no doubt: what isn't found is not there."""
    return spark(
        "case when :list is null or :value is null then null"
        " else coalesce(array_contains(:list, :value), false) end",
        list=node.this, value=node.expression,
    )  # fmt: skip


def _distinct(node: exp.ArrayDistinct) -> exp.Expression:
    """DuckDB leaves nulls out."""
    return spark("array_distinct(array_compact(:list))", list=node.this)


def _collected(node: exp.ArrayAgg) -> exp.Expression:
    """collect_list leaves nulls out, so each value is kept in a struct until it is in the list."""
    if isinstance(node.this, exp.Order) or isinstance(node.parent, exp.Filter | exp.Window):
        raise ValueError(f"A list of an unknown kind: {node.sql()}")
    return spark(
        "transform(collect_list(struct(:value as one)), each -> each.one)", value=node.this
    )


def _transform(node: exp.Transform) -> exp.Expression | None:
    """Spark calls no Python inside a lambda: `plain_each` is given the whole list before it."""
    written = node.copy()
    calls = [one for one in written.expression.find_all(exp.Anonymous) if one.name in _PYTHON]
    if not calls:
        return None
    (call,) = calls
    if call.name != "plain" or len(list(written.expression.this.find_all(exp.Identifier))) != 1:
        raise ValueError(f"A list that is mapped in an unknown way: {node.sql()}")
    call.replace(call.expressions[0])
    written.set("this", exp.Anonymous(this="plain_each", expressions=[node.this.copy()]))
    return written


def _size(node: exp.ArraySize) -> exp.Expression:
    return exp.Anonymous(this="array_size", expressions=[node.this])


LIST_RULES: dict[type[exp.Expression], Callable[[Any], exp.Expression | None]] = {
    exp.Bracket: _place,
    exp.ArraySlice: _slice,
    exp.ArrayContains: _contains,
    exp.ArrayDistinct: _distinct,
    exp.ArrayAgg: _collected,
    exp.ArraySize: _size,
    exp.Transform: _transform,
}
