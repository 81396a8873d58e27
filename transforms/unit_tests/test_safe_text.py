"""Whatever people and vendors typed, what is printed is text."""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from people_transforms.safe_text import LONGEST, as_csv, as_json, printable, without_controls

# What a terminal, a spreadsheet or a reader's eye would obey.
HOSTILE = "Jan\x1b[2J\x1b]0;mine\x07\x9b31m\u202egnp.exe\u2066\u200b\u2028 Žlutý \U000e0041"
HIDDEN = {"Cc", "Cf", "Zl", "Zp"}
SPREADSHEET_STARTS = ("=", "+", "-", "@", "\t", "\r")
texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.text(
    "=+-@\t\r\n \x1b\x9b|a1", max_size=9
)


def hidden_in(text: str) -> list[str]:
    return [character for character in text if unicodedata.category(character) in HIDDEN]


def test_every_character_is_printed_or_left_out_by_its_category() -> None:
    everything = "".join(
        chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF
    )
    shown = [printable(f"a{everything[n : n + 1000]}z") for n in range(0, len(everything), 1000)]
    assert hidden_in("".join(shown)) == []
    assert sum(map(len, shown)) == len(everything) + 2 * len(shown), "the control: all else is kept"


def test_a_megabyte_is_cut_where_people_read_and_whole_where_programs_do() -> None:
    assert printable("B" * 1_000_000) == "B" * LONGEST + "…"
    assert printable("B" * LONGEST) == "B" * LONGEST, "the control: a long sentence stays"
    assert json.loads(as_json("B" * 1_000_000)) == "B" * 1_000_000


def test_json_is_unchanged_and_shows_nothing_hidden() -> None:
    said = as_json({HOSTILE: [HOSTILE, 1.5, None]})
    assert hidden_in(said) == []
    assert json.loads(said) == {HOSTILE: [HOSTILE, 1.5, None]}
    assert "Žlutý" in said, "the control: letters stay readable"


def test_a_page_has_no_controls_and_keeps_its_lines() -> None:
    assert without_controls("<p>\x1b[2J\x9b\r\n\té</p>") == "<p>\ufffd[2J\ufffd\r\n\té</p>"


@given(texts)
def test_any_json_is_unchanged_and_shows_nothing_hidden(text: str) -> None:
    said = as_json([text])
    assert hidden_in(said) == []
    assert json.loads(said) == [text]


@given(st.lists(st.tuples(texts, texts), max_size=4))
def test_any_csv_has_its_rows_and_no_formula(rows: list[tuple[str, str]]) -> None:
    written = as_csv(["=a", "b"], rows)
    first, *read = csv.reader(io.StringIO(written, newline=""))
    assert first == ["=a", "b"], "names of columns are ours"
    assert len(read) == len(rows)
    cells = [cell for row in read for cell in row]
    assert not any(cell.lstrip().startswith(SPREADSHEET_STARTS) for cell in cells)
    assert not any(unicodedata.category(character) == "Cc" for cell in cells for character in cell)
    for cell, typed in zip(cells, [text for row in rows for text in row], strict=True):
        plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in typed)
        assert cell in (plain, f"'{plain}")
