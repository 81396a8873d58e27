"""Answers that no honest Alveno gives: one spoiled value stops nobody, and any body has a name."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_alveno.whole_list import WholeList

from .conftest import EMPLOYEES, Alveno, Reply, read

quick = settings(max_examples=150, derandomize=True, deadline=None)
HOSTILE = "<script>'; drop table raw.x; --\x1b[2J../../=cmd|x\u202e"
SPOILED = {
    "a number of 400 digits": ("9" * 400, None),
    "a number that is infinite": ("1e999", None),
    "infinity": ("-Infinity", None),
    "a key twice": ('"first","Lastname":"Second"', "Second"),
    "a megabyte": (json.dumps("B" * 1_000_000), "B" * 1_000_000),
    "nested 200 deep": ("[" * 200 + "]" * 200, "[" * 200 + "]" * 200),
    "signs of HTML, shells and SQL": (json.dumps(HOSTILE), HOSTILE),
}


@pytest.mark.parametrize("name", SPOILED)
def test_one_spoiled_value_stops_nobody(alveno: Alveno, config: dict[str, Any], name: str) -> None:
    typed, seen = SPOILED[name]
    body = json.dumps([{**EMPLOYEES[0], "Lastname": "HERE"}, EMPLOYEES[1]])
    alveno.answer("/employees", Reply(body.replace('"HERE"', typed).encode()))
    outcome = read(config, "employees")
    assert outcome.error is None
    assert [record["last_name"] for record in outcome.records["employees"]] == [seen, "Kováčová"]


ROWS = st.lists(
    st.sampled_from(
        [json.dumps(EMPLOYEES[0]), json.dumps(EMPLOYEES[1]).replace('""', "NaN"), "{}", "7", "null"]
    ),
    max_size=4,
).map(lambda rows: f"[{','.join(rows)}]".encode())
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["d", "items", "totalCount", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode())


def parsed(body: bytes) -> WholeList:
    whole = WholeList()
    whole.add(BytesIO(body), "EmployeeID")
    return whole


@quick
@given(body=st.binary(max_size=40) | ANY_JSON | ROWS, cut=st.integers(0, 300))
def test_any_body_is_a_list_of_records_or_unusable(body: bytes, cut: int) -> None:
    for candidate in (body, body[:cut]):
        try:
            whole = parsed(candidate)
        except ValueError as error:
            assert "Dvořák" not in str(error)
            continue
        rows = [row for rows in whole.chunks() for row in rows]
        assert all(type(row) is dict for row in rows)
        assert len(rows) <= whole.length
        assert whole.total_count is None or type(whole.total_count) is int


@quick
@given(rows=ROWS, cut=st.integers(1, 200))
def test_a_list_that_is_cut_is_never_a_shorter_list(rows: bytes, cut: int) -> None:
    if rows.count(b'{"') > 0:
        assert sum(map(len, parsed(rows).chunks())) == rows.count(b"{")
    with pytest.raises(ValueError):
        parsed(rows[: -min(cut, len(rows))])


TRICKY = st.recursive(
    st.sampled_from(["},{", '"}, {"', "[{},{}]", "Dvořák", "\\", "", None, 7]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab{},"), inner, max_size=2)
    ),
    max_leaves=6,
)


@quick
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(["EmployeeID", "x"]), TRICKY), max_size=12),
    size=st.integers(1, 60),
    indent=st.sampled_from([None, 2]),
)
def test_a_list_read_in_pieces_is_the_list(
    rows: list[dict[str, Any]], size: int, indent: int | None
) -> None:
    """Wherever a cut falls: between two records, inside a text, inside a nested list."""
    body = json.dumps([{"x": 1}, *rows], ensure_ascii=False, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("source_alveno.whole_list.PIECE_BYTES", size)
        whole = parsed(body)
        assert [row for part in whole.chunks() for row in part] == [{"x": 1}, *rows]
        assert whole.length == len(rows) + 1
        with pytest.raises(ValueError):
            parsed(body[:-2])
