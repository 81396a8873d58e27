"""One model of ours, as Spark says it: the same rows, not only words that Spark understands.

sqlglot parses the text and knows each column's type from the schema; the rules here close the gaps
that portability.yaml lists, and take care of what both engines have under one name and do otherwise.
A rule is about a construct, never about a model.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, ClassVar

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from .json_rules import JSON_RULES
from .list_rules import LIST_RULES
from .scalar_rules import SCALAR_RULES
from .text_rules import TEXT_RULES

Schema = Mapping[str, Mapping[str, Mapping[str, str]]]
Rule = Callable[[Any], exp.Expression | None]
RULES: dict[type[exp.Expression], Rule] = {**TEXT_RULES, **LIST_RULES, **JSON_RULES, **SCALAR_RULES}
# Spark keeps JSON as text, and its whole numbers end at 64 bits.
_TYPES = {exp.DataType.Type.JSON: "text", exp.DataType.Type.INT128: "decimal(38, 0)"}


class Models(DuckDB):
    """DuckDB as our models write it: `len` is for lists, `length` is for text."""

    class Parser(DuckDB.Parser):
        FUNCTIONS: ClassVar = {**DuckDB.Parser.FUNCTIONS, "LEN": exp.ArraySize.from_arg_list}


def schema_of(connection: duckdb.DuckDBPyConnection) -> Schema:
    """Read the columns and types of all tables and views."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    rows = connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('raw', 'staging', 'people', 'mart', 'sync')"
    ).fetchall()
    for schema, table, column, kind in rows:
        found.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return found


def translate(sql: str, variables: Mapping[str, Any], schema: Schema) -> str:
    """Write a model for Spark, with the run's variables as literals."""
    tree = sqlglot.parse_one(sql, read=Models)
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.lower() == "getvariable":
            call.replace(_literal(variables[call.expressions[0].name]))
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.lower() == "person_id":
            colon = exp.Literal.string(":")
            source, employer, employee = call.expressions
            parts = (source, colon, employer, colon.copy(), employee)
            call.replace(reduce(lambda said, part: exp.DPipe(this=said, expression=part), parts))
    for cte in tree.find_all(exp.CTE):
        # A hint.
        cte.set("materialized", None)
    tree = qualify(tree, schema=schema, dialect=Models, quote_identifiers=False)
    tree = annotate_types(tree, schema=schema, dialect=Models)
    # What is inside first: a rule sees Spark's words there.
    for node in list(tree.walk(bfs=False))[::-1]:
        rule = RULES.get(type(node))
        written = rule(node) if rule else None
        if written is not None:
            written.type = node.type
            node.replace(written)
    for kind in list(tree.find_all(exp.DataType)):
        if kind.this in _TYPES:
            kind.replace(exp.DataType.build(_TYPES[kind.this]))
    return tree.sql(dialect="spark", comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _literal(value: Any) -> exp.Expression:
    if isinstance(value, dt.date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, list):
        return exp.cast(exp.array(*map(exp.Literal.string, value)), "array<text>")
    return exp.Literal.string(value)
