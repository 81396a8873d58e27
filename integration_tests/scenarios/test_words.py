"""What people read after real nights, in Dutch and Czech: no hole, no English, no id, right plurals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from people_sandbox.client import Sandbox
from people_transforms.publishing.words import Words, load_words

from .connections import PAIRS, Connection

Connect = Callable[..., Connection]
pytestmark = pytest.mark.long
_COUNTED = re.compile(r"\{\w+:(?!=)([^}]+)\}")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|(?:loket|alveno):[\w-]+:|\b[0-9a-f]{32}\b")


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    else:
        yield str(node)


def of(words: Words) -> list[str]:
    return [*texts(words.words), *texts(words.messages)]


def wrong_plurals(words: Words) -> set[str]:
    """Every first word in a form that its number never has, such as `1 dagen` or `5 den`."""
    right, listed = set(), set()
    for text in of(words):
        for forms in (found.split("|") for found in _COUNTED.findall(text)):
            for n, form in ((1, forms[0]), (2, forms[1]), (5, forms[-1])):
                right.add(f"{n}\u00a0{form.split()[0]}")
                listed |= {f"{n}\u00a0{one.split()[0]}" for one in forms}
    return listed - right


def english(words: Words) -> set[str]:
    said = {text for text in of(load_words("en")) if re.fullmatch(r"[A-Za-z ,.]{12,}", text)}
    return {text for text in said if not any(text in other for other in of(words))}


def check(what: str, text: str, language: str) -> None:
    words = load_words(language)
    assert len(english(words)) > 20 and len(wrong_plurals(words)) > 20, "control"
    holes = re.findall(r".{0,60}…", text)
    assert not holes, (what, language, holes)
    assert [one for one in english(words) if one in text] == [], (what, language)
    said = re.findall(r"(?<![\d.\u00a0])\d+\u00a0[^\W\d]+", text)
    assert not set(said) & wrong_plurals(words), (what, language)
    assert not re.search(r"\{\w+", text), (what, language, "a value was not put in")


def read_everything(connection: Connection, language: str, people: list[str]) -> None:
    at = ("--connection", str(connection.file), "--lang", language)
    asked = [("report",), ("lint",), ("report", "--html", "-"), *(("explain", p) for p in people)]
    for command in asked:
        ended = connection.command(*command, *at)
        assert ended.code == 0, (command, ended.err)
        text = ended.out
        if "--html" in command:
            text = text[text.index("<main") : text.rindex(load_words(language)["facts"])]
            text = re.sub(r"<(style|script|svg).*?</\1>", " ", text, flags=re.DOTALL)
            text = re.sub(r"<pre.*?</pre>|<code.*?</code>|<[^>]+>", " ", text, flags=re.DOTALL)
        if command[0] == "explain":
            text = text.partition(load_words(language)["story"]["chain"])[0]
            assert not _ID.search(text), text
        check(" ".join(command), text, language)


def one_of_each_kind(connection: Connection) -> list[str]:
    rows = connection.ask(
        "select min(person_id) from sync.plan where run_id = (select max(run_id) from sync.runs) "
        "group by operation, reason, hold is null order by all"
    )
    assert len(rows) > 3, "control: there are several kinds of people"
    return [person for (person,) in rows[:5]]


@pytest.mark.parametrize("vendor", list(PAIRS))
def test_what_people_read_after_real_nights_is_whole_and_in_their_language(
    connect: Connect, box: Sandbox, vendor: str
) -> None:
    connection = connect(*PAIRS[vendor])
    assert connection.sync().code == 3
    for language in ("nl", "cs"):
        read_everything(connection, language, [])
    assert connection.approve().code == 0
    assert connection.sync().code == 0
    source = PAIRS[vendor][0].removeprefix("source-")
    box.night(vendor=source, seed=1, joiners=2, changes=2, leavers=1)
    connection.configure(as_of=box.control()["as_of"])
    assert connection.sync().code == 0
    people = one_of_each_kind(connection)
    for language in ("nl", "cs"):
        read_everything(connection, language, people)
