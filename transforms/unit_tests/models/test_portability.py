"""The models on Spark: every model transpiles, but for a known list of gaps.

sqlglot passes on what it does not know, so its own errors are not enough: each function and type of
the result must be one Spark has. `models/portability.yaml` lists them with their source, and each gap
with what Spark would need. A new gap fails here, and so does one that is gone. They are closed by
`spark/translate.py`, whose words are looked at here as well.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from people_transforms.models import runner
from people_transforms.models.contracts import source_systems
from people_transforms.models.vendors import vendors
from sqlglot import exp
from sqlglot.tokens import TokenType

from .inputs import show_inputs
from .spark.on_spark import NEEDS_SPARK
from .spark.run_models import USER_FUNCTIONS
from .spark.translate import schema_of, translate

SOURCES, VENDORS = source_systems(), list(vendors())
# Written like functions, but grammar.
_SYNTAX = {"array", "cast", "coalesce", "exists", "if", "nullif", "row", "try_cast", "unnest"}
# Types that our SQL uses and Spark lacks.
_TYPES = {"JSON", "INT128"}
# Words that stand before a bracket and are no functions.
_GRAMMAR = {
    "and", "as", "decimal", "exists", "filter", "group", "in", "or", "over", "try_cast", "values",
    "where",
}  # fmt: skip
Gaps = dict[str, set[str]]


@cache
def known() -> dict[str, Any]:
    text = files("people_transforms.models").joinpath("portability.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["spark"]
    return found


@cache
def all_models() -> dict[str, str]:
    """Name and SELECT of every model of every pair."""
    found: dict[str, str] = {}
    for source in SOURCES:
        for vendor in VENDORS:
            for model in runner.models(source, vendor):
                # Both sources and both vendors have models of the same name.
                kind = {"staging": source, "mart": vendor}.get(model.name.split(".")[0], "people")
                found[f"{kind} {model.name}"] = model.sql
    return found


def transpiled(sql: str, level: sqlglot.ErrorLevel) -> str:
    (text,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=level)
    return text


@cache
def result() -> tuple[set[str], Gaps]:
    """Which functions Spark must have, and which models have which gap."""
    functions: set[str] = set()
    gaps: Gaps = defaultdict(set)
    native = set(known()["functions"])
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    for name, sql in all_models().items():
        try:
            transpiled(sql, sqlglot.ErrorLevel.RAISE)
        except sqlglot.UnsupportedError as error:
            for line in set(str(error).splitlines()) - {""}:
                gaps[f"sqlglot: {line}"].add(name)
        text = transpiled(sql, sqlglot.ErrorLevel.IGNORE)
        used = set(functions_of(sqlglot.parse_one(text, read="spark")))
        functions |= used & native
        for function in used - native:
            gaps[f"function {function}"].add(name)
        for construct in constructs_of(sql, text):
            gaps[construct].add(name)
    return functions, dict(gaps)


def functions_of(tree: exp.Expr) -> Iterator[str]:
    """The names of all functions, as they are written for Spark."""
    for node in tree.find_all(exp.Func):
        text = node.name if isinstance(node, exp.Anonymous) else node.sql(dialect="spark")
        found = re.match(r"([A-Za-z_]\w*)(\(|$)", text)
        if found and found[1].lower() not in _SYNTAX:
            yield found[1].lower()


def constructs_of(sql: str, text: str) -> Iterator[str]:
    """What sqlglot hands through in silence although Spark has no such thing."""
    ours, theirs = sqlglot.parse_one(sql, read="duckdb"), sqlglot.parse_one(text, read="spark")
    for kind in theirs.find_all(exp.DataType):
        if kind.this.name in _TYPES:
            yield f"type {kind.this.name}"
    if any(cte.args.get("materialized") for cte in ours.find_all(exp.CTE)):
        yield "materialized"
    if any(union.args.get("by_name") for union in ours.find_all(exp.SetOperation)):
        yield "union by name"
    if any(index.find(exp.Slice) for index in ours.find_all(exp.Bracket)):
        yield "slice in brackets"
    if any(cast.to.is_type("json") for cast in ours.find_all(exp.Cast)):
        yield "cast to json"
    if ours.find(exp.JSONObject):
        yield "json_object with colons"


def test_every_gap_is_listed_and_no_other() -> None:
    assert len(all_models()) > 80
    functions, gaps = result()
    listed = known()["gaps"]
    new = {name: models for name, models in gaps.items() if name not in listed}
    assert new == {}
    assert set(listed) == set(gaps)
    assert functions == set(known()["functions"])
    assert all(gap["needs"] for gap in listed.values())


@pytest.mark.parametrize(
    ("sql", "gap"),
    [
        ("select strange_thing(a) from t", "function strange_thing"),
        ("with a as materialized (select 1 as x) select x from a", "materialized"),
        ("select x::hugeint as y from t", "type INT128"),
    ],
)
def test_a_construct_that_spark_lacks_is_seen(sql: str, gap: str) -> None:
    """The control: sqlglot alone lets each of these pass."""
    text = transpiled(sql, sqlglot.ErrorLevel.RAISE)
    functions = functions_of(sqlglot.parse_one(text, read="spark"))
    assert gap in {f"function {one}" for one in functions} | set(constructs_of(sql, text))


@pytest.fixture(scope="module")
def translations(world_class: Any) -> dict[str, str]:
    """Every model as it runs on Spark: once for each shape of what it reads in the four pairs."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for source in SOURCES:
        for vendor in VENDORS:
            pair = world_class(source, vendor)
            pair.build()
            show_inputs(pair.connection, source, vendor)
            schema = schema_of(pair.connection)
            for model in runner.models(source, vendor):
                read = [schema[layer][table] for layer, table in map(_parts, model.reads)]
                if (shape := f"{model.sql} {read}") not in seen:
                    seen.add(shape)
                    text = translate(model.sql, pair.variables(), schema)
                    found[f"{source} {vendor} {model.name}"] = text
            pair.connection.close()
    return found


def missing_in_spark() -> set[str]:
    """The functions that are listed as gaps of Spark."""
    names = known()["gaps"]
    return {name.removeprefix("function ") for name in names if name.startswith("function ")}


def _parts(name: str) -> list[str]:
    return name.split(".")


def called(text: str) -> set[str]:
    """Every word of the text that stands before a bracket, but for grammar and names of tables."""
    tokens = sqlglot.tokenize(text, read="spark")
    return {
        word.text.lower()
        for before, word, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if after.token_type == TokenType.L_PAREN
        and word.token_type != TokenType.STRING
        and before.token_type != TokenType.ALIAS
        and re.fullmatch(r"[A-Za-z_]\w*", word.text)
    } - _GRAMMAR


@pytest.mark.long
def test_the_translation_needs_of_spark_what_is_listed(translations: dict[str, str]) -> None:
    listed = known()["translated"]
    assert {function.__name__ for function in USER_FUNCTIONS} == set(listed["user_functions"])
    needed = {function for text in translations.values() for function in called(text)}
    assert needed - set(listed["user_functions"]) == set(listed["functions"])
    assert set(listed["user_functions"]) <= needed
    gaps = missing_in_spark()
    assert gaps & needed == gaps & set(listed["user_functions"])


@pytest.mark.long
def test_the_translation_has_no_construct_that_spark_lacks(translations: dict[str, str]) -> None:
    assert len(translations) >= len(set(all_models().values()))
    for name, text in translations.items():
        tree = sqlglot.parse_one(text, read="spark")
        kinds = {kind.this.name for kind in tree.find_all(exp.DataType)}
        assert not kinds & _TYPES, name
        assert not tree.find(exp.Slice, exp.JSONObject), name
        assert not any(cte.args.get("materialized") for cte in tree.find_all(exp.CTE)), name
        assert not any(union.args.get("by_name") for union in tree.find_all(exp.SetOperation)), name


_ASK_SPARK = """
import json, sys
from pyspark.sql import SparkSession
session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
parser = session._jsparkSession.sessionState().sqlParser()
def parses(text):
    try:
        parser.parsePlan(text)
    except Exception:
        return False
    return True
texts = json.load(open(sys.argv[1]))
functions = [row[0] for row in session.sql("show functions").collect()]
refused = {kind: [n for n in found if not parses(found[n])] for kind, found in texts.items()}
answer = {"functions": functions, "refused": refused}
open(sys.argv[2], "w").write(json.dumps(answer))
"""


@pytest.mark.long
@NEEDS_SPARK
def test_spark_itself_agrees_with_the_list(tmp_path: Path, translations: dict[str, str]) -> None:
    """Spark's own parser takes every model without a gap of grammar, and has the functions listed.

    Of the translated models it takes every one.
    """
    transpiled_only = {
        name: transpiled(sql, sqlglot.ErrorLevel.IGNORE) for name, sql in all_models().items()
    }
    texts = {"transpiled": transpiled_only, "translated": translations}
    (tmp_path / "models.json").write_text(json.dumps(texts))
    asked = [str(tmp_path / name) for name in ("models.json", "answer.json")]
    # A process of its own: Spark's sockets and threads outlive a session.
    ended = subprocess.run(
        [sys.executable, "-c", _ASK_SPARK, *asked], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    answer = json.loads(Path(asked[1]).read_text())
    functions = {*known()["functions"], *known()["translated"]["functions"]}
    assert functions - set(answer["functions"]) == set()
    assert missing_in_spark() & set(answer["functions"]) == set()
    _, gaps = result()
    grammar = {name for name, gap in known()["gaps"].items() if gap.get("refused_by_the_parser")}
    expected = {model for name in grammar for model in gaps[name]}
    assert set(answer["refused"]["transpiled"]) == expected
    assert answer["refused"]["translated"] == []
