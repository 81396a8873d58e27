"""Numbers, days, casts, aggregates, and functions known by name only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from .json_rules import json_cast, to_json
from .words import spark

_WHOLE = "decimal(38, 0)"
_TEXTS = {*exp.DataType.TEXT_TYPES, exp.DataType.Type.UNKNOWN}


def _cast(node: exp.Cast) -> exp.Expression | None:
    """DuckDB rounds text such as 1.5 to a whole number; Spark refuses it."""
    if written := json_cast(node):
        return written
    is_text = node.this.type is None or node.this.type.this in _TEXTS
    if not is_text or not node.to.is_type("int", "bigint") or isinstance(node.this, exp.Null):
        return None
    kind = "try_cast" if isinstance(node, exp.TryCast) else "cast"
    words = f"{kind}(round({kind}(:text as decimal(38, 9))) as {node.to.sql('spark')})"
    return spark(words, text=node.this)


def _minus(node: exp.Sub) -> exp.Expression | None:
    """Days between days are a number in DuckDB, an interval in Spark."""
    if all(side.type is not None and side.type.is_type("date") for side in (node.left, node.right)):
        return spark("cast(datediff(:end, :start) as bigint)", end=node.left, start=node.right)
    return None


def _shifted(node: exp.BitwiseLeftShift) -> exp.Expression:
    """Spark shifts 64 bits; ours are 128."""
    power = f"aggregate(array_repeat(cast(2 as {_WHOLE}), cast(:places as int)), cast(1 as {_WHOLE}), (all, one) -> cast(all * one as {_WHOLE}))"
    return spark(f":number * {power}", number=node.this, places=node.expression)


def _hex(node: exp.Hex) -> exp.Expression:
    """A user function: Spark's hex takes 64 bits."""
    return exp.Anonymous(this="to_hex", expressions=[node.this])


def _extreme(name: str) -> Callable[[Any], exp.Expression]:
    def rule(node: Any) -> exp.Expression:
        """DuckDB passes over rows where the value to give is null."""
        words = f"{name}(:value, if(:value is null, null, :by))"
        return spark(words, value=node.this, by=node.expression)

    return rule


def _window(node: exp.Window) -> exp.Expression | None:
    """Spark has no filter in windows: a null is not counted either."""
    if not isinstance(node.this, exp.Filter):
        return None
    written = node.copy()
    aggregate, condition = written.this.this, written.this.expression.this
    counted = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this
    aggregate.set(
        "this", spark("if(:condition, :counted, null)", condition=condition, counted=counted)
    )
    written.set("this", aggregate)
    return written


def _named(node: exp.Anonymous) -> exp.Expression | None:
    words = {
        "list_reverse": "reverse(:it)",
        # Whole numbers, as all of ours are.
        "list_sum": f"aggregate(:it, cast(0 as {_WHOLE}), (all, one) -> cast(all + one as {_WHOLE}))",
    }.get(node.name.lower())
    return spark(words, it=node.expressions[0]) if words else to_json(node)


SCALAR_RULES: dict[type[exp.Expression], Callable[[Any], exp.Expression | None]] = {
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Sub: _minus,
    exp.BitwiseLeftShift: _shifted,
    exp.Hex: _hex,
    exp.ArgMax: _extreme("max_by"),
    exp.ArgMin: _extreme("min_by"),
    exp.Window: _window,
    exp.Anonymous: _named,
}
