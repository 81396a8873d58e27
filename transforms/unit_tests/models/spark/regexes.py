r"""Write a regular expression of RE2, which DuckDB has, for Java, which Spark has.

What Java reads otherwise without a word: `$` also stands before a last line break, `.` refuses five
kinds of line break, `\s` has one more, `\b` knows all letters, and `(?i)` only ASCII ones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

_BLANKS = r"\t\n\f\r "
_WORD = "[0-9A-Za-z_]"
_BOUNDARY = f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))"
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_FLAGS = "(?i)"


@dataclass
class _Reader:
    """A pattern and how much of it is read; `folds` says for each open group if case counts."""

    pattern: str
    at: int = 0
    folds: list[bool] = field(default_factory=lambda: [False])

    def more(self) -> bool:
        return self.at < len(self.pattern)

    def take(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def next(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def until(self, end: str) -> str:
        start, self.at = self.at, self.pattern.index(end, self.at) + len(end)
        return self.pattern[start : self.at - len(end)]


def java(pattern: str) -> str:
    """Translate the whole pattern; what is not known here is an error, never passed on."""
    reader, written = _Reader(pattern), list[str]()
    while reader.more():
        written.append(_one(reader))
    return "".join(written)


def _one(reader: _Reader) -> str:
    if reader.take(_FLAGS):
        reader.folds[-1] = True
        return ""
    for start, folds in (("(?i:", True), ("(?:", None), ("(", None)):
        if reader.take(start):
            if start == "(" and reader.take("?"):
                raise ValueError(f"A group of an unknown kind: {reader.pattern}")
            reader.folds.append(reader.folds[-1] if folds is None else folds)
            return start.replace("i", "")
    one = reader.next()
    if one == ")":
        reader.folds.pop()
    if one == "[":
        return _class(reader)
    if one == "\\":
        return _escape(reader)
    if one == "{":
        return f"{{{reader.until('}')}}}"
    if one in ")|*+?":
        return one
    return {".": r"[^\n]", "$": r"\z", "^": "^"}.get(one) or _literal(one, reader.folds[-1])


def _escape(reader: _Reader) -> str:
    kind = reader.next()
    if kind == "s":
        return f"[{_BLANKS}]"
    if kind == "b":
        return _BOUNDARY
    if kind == "p":
        return rf"\p{reader.next()}"
    return _literal(_character(reader, kind), reader.folds[-1])


def _character(reader: _Reader, kind: str) -> str:
    if kind == "x" and reader.take("{"):
        return chr(int(reader.until("}"), 16))
    if kind in _CONTROLS:
        return _CONTROLS[kind]
    if kind.isalnum():
        raise ValueError(f"An unknown escape \\{kind}: {reader.pattern}")
    return kind


def _class(reader: _Reader) -> str:
    written = "[^" if reader.take("^") else "["
    while not reader.take("]"):
        one = reader.next()
        if one == "\\" and reader.pattern[reader.at] in "sp":
            written += _BLANKS if reader.next() == "s" else rf"\p{reader.next()}"
            continue
        first = last = _character(reader, reader.next()) if one == "\\" else one
        if reader.pattern[reader.at] == "-" and reader.pattern[reader.at + 1] != "]":
            reader.next()
            one = reader.next()
            last = _character(reader, reader.next()) if one == "\\" else one
        written += _range(first, last, reader.folds[-1])
    return written + "]"


def _range(first: str, last: str, folds: bool) -> str:
    if folds:
        return "".join(
            _escaped(same)
            for code in range(ord(first), ord(last) + 1)
            for same in sorted(_same_letters(chr(code)))
        )
    return _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"


def _literal(character: str, folds: bool) -> str:
    same = sorted(_same_letters(character)) if folds else [character]
    written = "".join(map(_escaped, same))
    return written if len(same) == 1 else f"[{written}]"


def _escaped(character: str) -> str:
    if character.isalnum() or character == " ":
        return character
    return rf"\x{{{ord(character):x}}}"


def _same_letters(character: str) -> set[str]:
    return _letters().get(character.casefold(), set()) | {character}


@cache
def _letters() -> dict[str, set[str]]:
    """Which letters are one letter where case does not count, by their folded form."""
    found: dict[str, set[str]] = defaultdict(set)
    for code in range(0x110000):
        folded = chr(code).casefold()
        if len(folded) == 1:
            found[folded].add(chr(code))
    return found
