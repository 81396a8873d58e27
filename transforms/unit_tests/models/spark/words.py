"""Spark's words, with our expressions in them."""

from __future__ import annotations

import sqlglot
from sqlglot import exp


def spark(words: str, **parts: exp.Expression) -> exp.Expression:
    """Parse words of Spark in which `:name` stands for an expression."""
    tree = sqlglot.parse_one(words, read="spark")
    for hole in list(tree.find_all(exp.Placeholder)):
        part = parts[hole.name].copy()
        hole.replace(exp.paren(part) if isinstance(part, exp.Binary) else part)
    return tree


def text(value: str) -> exp.Literal:
    return exp.Literal.string(value)
