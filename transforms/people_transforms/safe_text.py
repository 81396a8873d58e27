"""Text of people and vendors on its way out: a terminal, a program and a spreadsheet obey none of it."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

# Controls, direction and other invisible marks, and the two separators that are line ends to some.
_HIDDEN = ("Cc", "Cf", "Zl", "Zp")
_PERHAPS_HIDDEN = re.compile(r"[^ -~\w]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROLS_OF_A_PAGE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LONGEST = 2000
_FORMULA_STARTS = ("=", "+", "-", "@")


def printable(text: str) -> str:
    """Make text safe for a terminal: no control, no direction characters, no megabytes."""
    text = shortened(text)
    return _PERHAPS_HIDDEN.sub(
        lambda found: " " if _is_hidden(found[0]) else found[0], text
    ).strip()


def shortened(text: str) -> str:
    """Cut what nobody reads to its end: a megabyte in one field must not bury everybody else."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def as_json(value: Any) -> str:
    """Write JSON that is readable and unchanged, and yet safe to print: hidden signs are escaped."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return _PERHAPS_HIDDEN.sub(
        lambda found: json.dumps(found[0])[1:-1] if _is_hidden(found[0]) else found[0], text
    )


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write CSV in which no text is a formula to a spreadsheet: such a text gets an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def without_controls(page: str) -> str:
    """Replace the characters that HTML does not have; a terminal would obey them."""
    return _CONTROLS_OF_A_PAGE.sub("\N{REPLACEMENT CHARACTER}", page)


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = _CONTROLS.sub(" ", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) else text


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN
