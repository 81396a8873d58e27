"""One answer of the API: a plain array, or a page of the HR API, and nothing else.

The CDK's own decoder turns a broken body into an empty object, which reads as "nobody works here".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

import orjson

Row = dict[str, Any]

# With more digits a number is infinite to most parsers.
LONGEST_INTEGER = 300
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


class UnreadableAnswerError(Exception):
    """The body is not a list of records. The text quotes no record."""


@dataclass(slots=True)
class Answer:
    rows: list[Row]
    # Elements of the array, readable or not: who lands the records must miss those we could not read.
    length: int
    # Only a page of the HR API says how many there are in all.
    total_count: int | None = None


def parse_answer(body: bytes) -> Answer:
    """Return the records of a body.

    Raises UnreadableAnswerError for HTML, XML, half a body, and JSON that is no list.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = _lenient(body)
    if isinstance(content, dict):
        return _answer_of_object(content)
    if isinstance(content, list):
        return _answer_of_list(content)
    raise UnreadableAnswerError("a single value instead of a list")


def _lenient(body: bytes) -> Any:
    """Read what orjson refuses but what spoils one value only: NaN, a number without end, half a
    surrogate pair."""
    try:
        loose = json.loads(
            body, parse_constant=lambda _: None, parse_float=_finite, parse_int=_integer_in_range
        )
        text = json.dumps(loose, ensure_ascii=False)
    except (ValueError, RecursionError):
        raise UnreadableAnswerError(_describe(body)) from None
    return orjson.loads(text.encode("utf-8", "replace"))


def _finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


def _integer_in_range(text: str) -> int | None:
    return int(text) if len(text) <= LONGEST_INTEGER else None


def _answer_of_object(content: Row) -> Answer:
    items, total = content.get("items"), content.get("totalCount")
    if isinstance(items, list):
        answer = _answer_of_list(items)
        answer.total_count = total if type(total) is int else None
        return answer
    if isinstance(content.get("d"), list):  # the wrapper of ASP.NET services
        return _answer_of_list(content["d"])
    raise UnreadableAnswerError("an object instead of a list")


def _answer_of_list(items: list[Any]) -> Answer:
    rows = (
        items
        if all(type(item) is dict for item in items)
        else [item for item in items if type(item) is dict]
    )
    if items and not rows:
        raise UnreadableAnswerError("a list without records")
    return Answer(rows=rows, length=len(items))


def _describe(body: bytes) -> str:
    start = body.lstrip()[:1]
    if not start:
        return "an empty body"
    if start != b"<":
        return f"a body of {len(body)} bytes that is not JSON or is cut short"
    title = _TITLE.search(body, 0, 4096)
    words = title[1].decode("utf-8", "replace").strip() if title else ""
    return f"an HTML or XML page ({words})" if words else "an HTML or XML page"
