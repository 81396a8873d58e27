"""JSON: Spark keeps it as text; what our SQL calls JSON is known from the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from .words import spark, text


def json_cast(node: exp.Cast) -> exp.Expression | None:
    if node.to.is_type("json"):
        return node.this
    if node.to.is_type("array") and node.to.expressions[0].is_type("json"):
        return spark("from_json(:json, 'array<string>')", json=node.this)
    return None


def _extracted(node: exp.JSONExtract | exp.JSONExtractScalar) -> exp.Expression:
    """`->>` and `->`; a path to all members is a list, and an empty one where no list is."""
    keys, is_list = _path(node.expression)
    path = text(".".join(["$", *keys]))
    if not is_list:
        return spark("get_json_object(:json, :path)", json=node.this, path=path)
    return spark(
        "case when :json is null then null else"
        " coalesce(from_json(get_json_object(:json, :path), 'array<string>'),"
        " cast(array() as array<string>)) end",
        json=node.this, path=path,
    )  # fmt: skip


def _path(path: exp.Expression) -> tuple[list[str], bool]:
    root, *steps = path.expressions
    is_list = bool(steps) and isinstance(steps[-1], exp.JSONPathSubscript)
    keys = steps[:-1] if is_list else steps
    known = isinstance(root, exp.JSONPathRoot) and all(isinstance(k, exp.JSONPathKey) for k in keys)
    if not known or (is_list and not isinstance(steps[-1].this, exp.JSONPathWildcard)):
        raise ValueError(f"A path of an unknown kind: {path.sql()}")
    return [key.name for key in keys], is_list


def _type(node: exp.JSONType) -> exp.Expression:
    """A user function; Spark has no name for the kind of a value."""
    path = node.expression or text("$")
    return exp.Anonymous(this="json_type", expressions=[node.this, path])


def _object(node: exp.JSONObject) -> exp.Expression:
    pairs = [(pair.this.name, pair.expression) for pair in node.expressions]
    return _written(pairs)


def to_json(node: exp.Anonymous) -> exp.Expression | None:
    if node.name.lower() != "to_json" or not isinstance(node.expressions[0], exp.Struct):
        return None
    return _written([(pair.name, pair.expression) for pair in node.expressions[0].expressions])


def _written(pairs: list[tuple[str, exp.Expression]]) -> exp.Expression:
    """Spark leaves nulls out unless told, and would quote JSON once more."""
    members: list[exp.Expression] = []
    for name, value in pairs:
        is_json = value.type is not None and value.type.is_type("json")
        members += [text(name), _parsed(value) if is_json else value]
    struct = exp.Anonymous(this="named_struct", expressions=members)
    return spark("to_json(:struct, map('ignoreNullFields', 'false'))", struct=struct)


def _parsed(value: exp.Expression) -> exp.Expression:
    # By name only: sqlglot would leave the word out.
    return exp.Anonymous(this="parse_json", expressions=[value])


def _from_json(node: exp.FromJson | exp.Anonymous) -> exp.Expression:
    shape = _shape(json.loads(node.expression.name))
    return spark("from_json(:json, :shape)", json=node.this, shape=text(shape))


def _shape(shape: Any) -> str:
    if isinstance(shape, list):
        return f"array<{_shape(shape[0])}>"
    if isinstance(shape, dict):
        return f"struct<{', '.join(f'{name}: {_shape(one)}' for name, one in shape.items())}>"
    return exp.DataType.build(shape, dialect="duckdb").sql("spark")


JSON_RULES: dict[type[exp.Expression], Callable[[Any], exp.Expression | None]] = {
    exp.JSONExtract: _extracted,
    exp.JSONExtractScalar: _extracted,
    exp.JSONType: _type,
    exp.JSONObject: _object,
    exp.FromJson: _from_json,
}
