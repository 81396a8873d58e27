"""Text: characters, blanks, case, distances, regular expressions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from .regexes import java
from .words import spark, text

# DuckDB trims every character of the class Zs where none are named, Spark the space only.
_BLANKS = "".join(chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) == "Zs")


def _byte_string(node: exp.ByteString) -> exp.Expression:
    return exp.Literal.string(node.this)


def _chr(node: exp.Chr) -> exp.Expression:
    """Spark's chr knows 256 characters."""
    (code,) = node.expressions
    if code.is_int:
        return exp.Literal.string(chr(int(code.name)))
    return spark("decode(unhex(lpad(hex(:code), 8, '0')), 'UTF-32')", code=code)


def _pipe(node: exp.DPipe) -> exp.Expression | None:
    """Join literals, so that a pattern written in pieces is one."""
    if node.left.is_string and node.right.is_string:
        return text(node.left.name + node.right.name)
    return None


def _trim(node: exp.Trim) -> exp.Expression | None:
    if node.expression:
        return None
    return exp.Trim(
        this=node.this, expression=text(_BLANKS), position=node.args.get("position") or "BOTH"
    )


def _lower(node: exp.Lower) -> exp.Expression:
    """Java knows two letters whose small form is two characters or depends on the next one."""
    return exp.Lower(this=exp.func("translate", node.this, text("İΣ"), text("iσ")))


def _levenshtein(node: exp.Levenshtein) -> exp.Expression:
    """DuckDB counts bytes: each becomes a character of its own."""
    one, other = (
        spark("decode(encode(:text, 'UTF-8'), 'ISO-8859-1')", text=side)
        for side in (node.this, node.expression)
    )
    return exp.Levenshtein(this=one, expression=other)


def _format(node: exp.Format) -> exp.Expression:
    """`{:03d}` is `%03d` there."""
    pattern = re.sub(r"\{:(\d*d)\}", r"%\1", node.this.name.replace("%", "%%"))
    if "{" in pattern:
        raise ValueError(f"A format of an unknown kind: {node.this.name}")
    return exp.Anonymous(this="format_string", expressions=[text(pattern), *node.expressions])


def _matches(node: exp.RegexpLike) -> exp.Expression:
    return exp.RegexpLike(this=node.this, expression=text(java(_pattern(node))))


def _matches_fully(node: exp.RegexpFullMatch) -> exp.Expression:
    return exp.RegexpLike(this=node.this, expression=text(rf"\A(?:{java(_pattern(node))})\z"))


def _replace(node: exp.RegexpReplace) -> exp.Expression:
    """Spark replaces all: for the first only, what stands before it is put back."""
    replacement = node.args["replacement"]
    if not replacement.is_string:
        raise ValueError(f"A replacement that is no literal: {node.sql()}")
    pattern, modifiers = java(_pattern(node)), node.args.get("modifiers")
    is_global = modifiers is not None and modifiers.name == "g"
    put = replacement.name.replace("$", r"\$")
    put = re.sub(r"\\(\d)", lambda found: f"${int(found[1]) + (not is_global)}", put)
    if not is_global:
        pattern, put = rf"(?s)\A(.*?)(?:{pattern})", f"$1{put}"
    arguments = [node.this, text(pattern), text(put)]
    return exp.Anonymous(this="regexp_replace", expressions=arguments)


def _extract(node: exp.RegexpExtract) -> exp.Expression:
    return _extracting("regexp_extract", node)


def _extract_all(node: exp.RegexpExtractAll) -> exp.Expression:
    return _extracting("regexp_extract_all", node)


def _extracting(name: str, node: Any) -> exp.Expression:
    group = node.args.get("group") or exp.Literal.number(0)
    arguments = [node.this, text(java(_pattern(node))), group]
    return exp.Anonymous(this=name, expressions=arguments)


def _pattern(node: Any) -> str:
    if not node.expression.is_string:
        raise ValueError(f"A pattern that is no literal: {node.sql()}")
    return str(node.expression.name)


TEXT_RULES: dict[type[exp.Expression], Callable[[Any], exp.Expression | None]] = {
    exp.ByteString: _byte_string,
    exp.Chr: _chr,
    exp.DPipe: _pipe,
    exp.Trim: _trim,
    exp.Lower: _lower,
    exp.Levenshtein: _levenshtein,
    exp.Format: _format,
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _matches_fully,
    exp.RegexpReplace: _replace,
    exp.RegexpExtract: _extract,
    exp.RegexpExtractAll: _extract_all,
}
